// The text being written: CodeMirror where set-up laid it, the page's own text field elsewhere. Both never
// touch a character that nobody typed, and take changes from outside only between two compositions.

/** Wraps the text field; resolves to the better editor when its modules can be loaded. */
export async function makeEditor(field, area, nonce) {
  try {
    return await codeMirror(field, area, nonce);
  } catch (error) {
    console.info("The plain text field is used:", error.message);
    return plainField(area);
  }
}

/** The one stretch in which two texts differ. */
export function difference(old, fresh) {
  let from = 0;
  const most = Math.min(old.length, fresh.length);
  while (from < most && old.charCodeAt(from) === fresh.charCodeAt(from)) from++;
  let same = 0;
  while (same < most - from && old.charCodeAt(old.length - 1 - same) === fresh.charCodeAt(fresh.length - 1 - same)) same++;
  return { from, to: old.length - same, insert: fresh.slice(from, fresh.length - same) };
}

async function codeMirror(field, area, nonce) {
  const [{ Compartment, EditorState, StateEffect, StateField, Transaction }, view, commands, language, markdown, search, lint, { tags }] = await Promise.all([
    import("@codemirror/state"),
    import("@codemirror/view"),
    import("@codemirror/commands"),
    import("@codemirror/language"),
    import("@codemirror/lang-markdown"),
    import("@codemirror/search"),
    import("@codemirror/lint"),
    import("@lezer/highlight"),
  ]);
  const { EditorView } = view;
  const listeners = { change: [], move: [] };
  const name = new Compartment();
  const named = (label, lang) => EditorView.contentAttributes.of({ "aria-label": label, lang, spellcheck: "true", tabindex: "0" });
  const colours = language.HighlightStyle.define([
    { tag: tags.heading, color: "var(--accent)", fontWeight: "600" },
    { tag: tags.strong, fontWeight: "600" },
    { tag: tags.emphasis, fontStyle: "italic" },
    { tag: [tags.link, tags.labelName], color: "var(--accent)" },
    { tag: [tags.url, tags.processingInstruction, tags.meta, tags.monospace], color: "var(--marks)" },
    { tag: tags.quote, color: "var(--second)" },
    { tag: tags.strikethrough, textDecoration: "line-through" },
  ]);
  const frontMatter = {
    defineNodes: [{ name: "FrontMatter", block: true, style: tags.meta }],
    parseBlock: [
      {
        name: "FrontMatter",
        before: "HorizontalRule",
        parse(context, line) {
          if (context.lineStart !== 0 || !/^(---|\+\+\+)\s*$/.test(line.text)) return false;
          const fence = line.text.trim();
          while (context.nextLine()) {
            if (line.text.trim() !== fence) continue;
            context.nextLine();
            break;
          }
          context.addElement(context.elt("FrontMatter", 0, context.prevLineEnd()));
          return true;
        },
      },
    ],
  };
  const clipAt = StateEffect.define();
  const clipMark = StateField.define({
    create: () => view.Decoration.none,
    update(marks, transaction) {
      let now = marks.map(transaction.changes);
      for (const effect of transaction.effects) {
        if (!effect.is(clipAt)) continue;
        const line = effect.value && effect.value <= transaction.newDoc.lines ? transaction.newDoc.line(effect.value) : null;
        now = line ? view.Decoration.set([view.Decoration.line({ class: "cm-clip" }).range(line.from)]) : view.Decoration.none;
      }
      return now;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
  // Each file has a state of its own: what is taken back in one is never what was typed in another.
  const stateOf = (doc, label, lang) =>
    EditorState.create({
      doc,
      extensions: [
        EditorView.cspNonce.of(nonce),
        EditorState.lineSeparator.of("\n"),
        EditorState.readOnly.of(area.readOnly),
        view.lineNumbers(),
        view.highlightActiveLine(),
        view.highlightActiveLineGutter(),
        EditorView.lineWrapping,
        commands.history(),
        search.search({ top: true }),
        markdown.markdown({
          base: markdown.markdownLanguage,
          extensions: [frontMatter],
          completeHTMLTags: false,
        }),
        language.syntaxHighlighting(colours),
        view.keymap.of([...search.searchKeymap, ...commands.historyKeymap, ...commands.defaultKeymap]),
        clipMark,
        language.codeFolding({ placeholderText: "⋯" }),
        name.of(named(label, lang)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) for (const tell of listeners.change) tell();
          if (update.selectionSet || update.docChanged) for (const tell of listeners.move) tell();
        }),
      ],
    });
  const editor = new EditorView({ state: stateOf(area.value, area.getAttribute("aria-label"), area.lang) });
  area.hidden = true;
  area.disabled = true; // what a form would send is what CodeMirror holds, put there before it is sent
  field.append(editor.dom);
  field.classList.add("rich");

  return {
    text: () => editor.state.doc.toString(),
    composing: () => editor.composing,
    focused: () => editor.hasFocus,
    caret: () => editor.state.selection.main.head,
    focus(caret) {
      editor.focus();
      if (caret >= 0 && caret <= editor.state.doc.length) editor.dispatch({ selection: { anchor: caret }, scrollIntoView: true });
    },
    onChange: (tell) => listeners.change.push(tell),
    onMove: (tell) => listeners.move.push(tell),
    position() {
      const at = editor.state.selection.main.head;
      const line = editor.state.doc.lineAt(at);
      return { line: line.number, column: at - line.from + 1, lines: editor.state.doc.lines };
    },
    /** Another text from outside, not by who types here: taking back what was typed leaves it in place. */
    replace(text) {
      const change = difference(editor.state.doc.toString(), text);
      if (change.from === change.to && !change.insert) return;
      editor.dispatch({ changes: change, userEvent: "sync", annotations: Transaction.addToHistory.of(false) });
    },
    open(text, label, lang) {
      editor.setState(stateOf(text, label, lang));
      editor.scrollDOM.scrollTop = 0;
    },
    /** The same text under another name. */
    rename(label, lang) {
      if (!editor.composing) editor.dispatch({ effects: name.reconfigure(named(label, lang)) });
    },
    goto(number) {
      if (number < 1) return;
      const line = editor.state.doc.line(Math.min(number, editor.state.doc.lines));
      editor.dispatch({
        selection: { anchor: line.from },
        effects: EditorView.scrollIntoView(line.from, { y: "center" }),
      });
    },
    insert(before, middle, after) {
      const { from, to } = editor.state.selection.main;
      const chosen = editor.state.sliceDoc(from, to) || middle;
      editor.dispatch({
        changes: { from, to, insert: before + chosen + after },
        selection: { anchor: from + before.length, head: from + before.length + chosen.length },
        userEvent: "input",
      });
      editor.focus();
    },
    /** A paragraph of its own, behind the line of the cursor. */
    block(before, middle, after) {
      const at = editor.state.doc.lineAt(editor.state.selection.main.head).to;
      const [lead, tail] = apart(editor.state.doc.toString(), at);
      editor.dispatch({ selection: { anchor: at } });
      this.insert(lead + before, middle, after + tail);
    },
    /** A mark at the cursor, and what it stands for at the end of the text, to be written now. */
    note(mark, before, middle) {
      const { to } = editor.state.selection.main;
      editor.dispatch({ changes: { from: to, insert: mark }, userEvent: "input" });
      const end = editor.state.doc.length;
      editor.dispatch({ selection: { anchor: end } });
      this.insert(apart(editor.state.doc.toString(), end)[0] + before, middle, "\n");
      editor.dispatch({ scrollIntoView: true });
    },
    clip(line) {
      editor.dispatch({ effects: clipAt.of(line) });
    },
    /** The line that ends the front matter; 0 where there is none, or too little of it to fold. */
    matter() {
      const { doc } = editor.state;
      const fence = doc.line(1).text.trim();
      if (fence !== "---" && fence !== "+++") return 0;
      for (let number = 2; number <= doc.lines; number++)
        if (doc.line(number).text.trim() === fence) return number > 3 ? number : 0;
      return 0;
    },
    fold(on) {
      const last = this.matter();
      const all = { from: 0, to: editor.state.doc.length };
      const effects = [];
      language.foldedRanges(editor.state).between(all.from, all.to, (from, to) => {
        effects.push(language.unfoldEffect.of({ from, to }));
      });
      if (on && last) {
        const { doc } = editor.state;
        effects.push(language.foldEffect.of({ from: doc.line(1).to, to: doc.line(last).to }));
      }
      if (effects.length) editor.dispatch({ effects });
    },
    problems(found) {
      const diagnostics = found
        .filter(([line]) => line <= editor.state.doc.lines)
        .map(([number, severity, message, words]) => {
          const kind = severity === "notice" ? "info" : severity;
          return { ...placeOf(editor.state.doc, number, words), severity: kind, message };
        });
      editor.dispatch(lint.setDiagnostics(editor.state, diagnostics));
    },
  };
}

/** Where a finding stands: its words in the line or the paragraph below, else the line; of a paragraph, how it begins. */
function placeOf(doc, number, words) {
  const last = Math.min(doc.lines, number + 60);
  for (let at = number; words && at <= last; at++) {
    const line = doc.line(at);
    const column = line.text.indexOf(words);
    if (column >= 0) return { from: line.from + column, to: line.from + column + words.length };
  }
  const { from, to } = doc.line(number);
  return { from, to: to - from > 60 ? from + 20 : to };
}

/** What stands before and behind a paragraph that is put in there. */
function apart(text, at) {
  const [head, rest] = [text.slice(0, at), text.slice(at)];
  const lead = !head || head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
  const tail = !rest ? "\n" : rest.startsWith("\n\n") || rest === "\n" ? "" : rest.startsWith("\n") ? "\n" : "\n\n";
  return [lead, tail];
}

function plainField(area) {
  let composing = false;
  area.addEventListener("compositionstart", () => (composing = true));
  area.addEventListener("compositionend", () => (composing = false));
  const lineAt = (index) => area.value.slice(0, index).split("\n");
  return {
    text: () => area.value,
    composing: () => composing,
    focused: () => document.activeElement === area,
    caret: () => area.selectionEnd,
    focus(caret) {
      area.focus();
      if (caret >= 0) area.setSelectionRange(caret, caret);
    },
    onChange: (tell) => area.addEventListener("input", tell),
    onMove: (tell) => area.addEventListener("keyup", tell),
    position() {
      const before = lineAt(area.selectionEnd);
      return { line: before.length, column: before.at(-1).length + 1, lines: area.value.split("\n").length };
    },
    replace(text) {
      const { from, to, insert } = difference(area.value, text);
      area.setRangeText(insert, from, to, "preserve");
    },
    open(text, label, lang) {
      area.value = text;
      area.setAttribute("aria-label", label);
      area.lang = lang;
      area.scrollTop = 0;
    },
    rename(label) {
      area.setAttribute("aria-label", label);
    },
    goto(number) {
      if (number < 1) return;
      const index = area.value.split("\n").slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
      area.setSelectionRange(index, index);
      area.scrollTop = (number / area.value.split("\n").length) * area.scrollHeight - area.clientHeight / 2;
    },
    insert(before, middle, after) {
      const chosen = area.value.slice(area.selectionStart, area.selectionEnd) || middle;
      area.setRangeText(before + chosen + after, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input"));
      area.focus();
    },
    block(before, middle, after) {
      const line = area.value.indexOf("\n", area.selectionEnd);
      const at = line < 0 ? area.value.length : line;
      const [lead, tail] = apart(area.value, at);
      area.setSelectionRange(at, at);
      this.insert(lead + before, middle, after + tail);
    },
    note(mark, before, middle) {
      area.setRangeText(mark, area.selectionEnd, area.selectionEnd, "end");
      const end = area.value.length;
      area.setSelectionRange(end, end);
      this.insert(apart(area.value, end)[0] + before, middle, "\n");
    },
    clip() {},
    matter: () => 0,
    fold() {},
    problems() {},
  };
}
