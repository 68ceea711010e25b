// openapi-backend by the handlers of its README on node:http, the fastest host that it names: node openapi_backend.mjs DOCUMENT PORT
import http from 'node:http'
import { OpenAPIBackend } from 'openapi-backend'

const [document, port] = process.argv.slice(2)
const send = (response, status, body) => {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}
const api = new OpenAPIBackend({
  definition: document,
  handlers: {
    notImplemented: (c, _, response) => {
      const { status, mock } = c.api.mockResponseForOperation(c.operation.operationId)
      send(response, status, mock)
    },
    validationFail: (c, _, response) => send(response, 400, { err: c.validation.errors }),
    unauthorizedHandler: (_c, _, response) => send(response, 401, { err: 'unauthorized' }),
    methodNotAllowed: (_c, _, response) => send(response, 405, { err: 'method not allowed' }),
    notFound: (_c, _, response) => send(response, 404, { err: 'not found' }),
  },
  securityHandlers: { bearerAuth: (c) => /^Bearer \S/i.test(c.request.headers.authorization ?? '') },
})
await api.init()

http
  .createServer((request, response) => {
    const pieces = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => {
      const { method, url, headers } = request
      const body = pieces.length ? Buffer.concat(pieces).toString() : undefined
      api.handleRequest({ method, path: url, body, headers }, request, response)
    })
  })
  .listen(Number(port), '127.0.0.1')
