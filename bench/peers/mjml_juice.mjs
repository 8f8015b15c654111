// Compiles a MJML file and inlines its CSS, RUNS times in one process; prints milliseconds of each run as JSON.
import { readFileSync } from 'node:fs'
import juice from 'juice'
import mjml2html from 'mjml'

const [file, runs] = process.argv.slice(2)
const source = readFileSync(file, 'utf8')
const css = '.prose p{margin:0 0 16px}.prose h3{font-size:18px;line-height:1.45;margin:32px 0 10px}.prose a{color:#1f5f7a}'
const times = []
let bytes = 0
for (let run = 0; run < Number(runs); run += 1) {
  const start = process.hrtime.bigint()
  const compiled = await mjml2html(source, { fonts: {} })
  const html = juice(compiled.html.replace('</head>', `<style>${css}</style></head>`))
  times.push(Number(process.hrtime.bigint() - start) / 1e6)
  bytes = Buffer.byteLength(html)
}
console.log(JSON.stringify({ times, bytes }))
