import { type Model, models, serve, shutDownOn } from '@hawser/prefork'

const [model = 'async', address = 'tcp://127.0.0.1:8080', workers = '2'] = process.argv.slice(2)
if (!models.some((known) => known === model)) {
  console.error(`There is no model ${model}. There is ${models.join(', ')}.`)
  process.exit(2)
}
const module = new URL('./server.js', import.meta.url)
const running = await serve(module, { model: model as Model, listen: address, workers: Number(workers) })
console.log(`Serving at ${running.address}, ${model}. Ctrl-C ends it.`)
// Lets the running calls end.
shutDownOn(['SIGINT', 'SIGTERM'], running)
