// nodemailer's pool of persistent connections: one message a recipient, composed by it. Prints milliseconds.
// node nodemailer_pool.mjs PORT CONNECTIONS COUNT MAIL.json
import { readFile } from "node:fs/promises";
import nodemailer from "nodemailer";

const [port, connections, count, file] = process.argv.slice(2);
const mail = JSON.parse(await readFile(file, "utf8"));
const transport = nodemailer.createTransport({
  pool: true,
  host: "127.0.0.1",
  port: Number(port),
  secure: false,
  ignoreTLS: true,
  maxConnections: Number(connections),
  maxMessages: Infinity,
});

function message(number) {
  return {
    from: mail.from,
    to: `p${number}@example.com`,
    subject: mail.subject,
    text: mail.text,
    html: mail.html.replaceAll("NLM0000Z", `Reader ${number}`).replaceAll("NLM0001Z", `https://bench.example.com/${number}`),
    textEncoding: mail.encoding,
    headers: { "List-Unsubscribe": `<https://bench.example.com/${number}>` },
  };
}

const start = performance.now();
let next = 0;
async function lane() {
  while (next < Number(count)) await transport.sendMail(message(next++));
}
await Promise.all(Array.from({ length: 2 * Number(connections) }, lane));
console.log(performance.now() - start);
transport.close();
