// Serves a document with Scalar's mock server, as its README shows: node scalar.mjs NODE_MODULES PORT DOCUMENT
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [modules, port, document] = process.argv.slice(2)
const require = createRequire(pathToFileURL(`${modules}/`))
const load = (name) => import(pathToFileURL(require.resolve(name)))
const { serve } = await load('@hono/node-server')
const { createMockServer } = await import(pathToFileURL(`${modules}/@scalar/mock-server/dist/index.js`))
const { parse } = await load('yaml')

const text = readFileSync(document, 'utf8')
const specification = text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { maxAliasCount: -1 })
const app = await createMockServer({ specification })
serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
