// A right server for the vendor's page on Node's http. Start: node server.mjs KEY [VARIATION ...]; it prints its port.
// As most JSON readers do, it replaces bytes that are not UTF-8.
import { createServer } from 'node:http';
import { randomBytes, randomUUID } from 'node:crypto';

const [key, ...rest] = process.argv.slice(2);
const varied = new Set(rest);
const refuse = (status, headers = {}) => ({ status, headers, value: explain(status) });

function explain(status) {
  if (varied.has('vendor-errors')) return { error: { message: 'Invalid request', type: 'invalid_request_error', code: String(status) } };
  if (varied.has('wordy-errors')) return { error: { message: `Unexpected token in JSON at position 7 (line 1), ${randomUUID()}`, id: randomBytes(30).toString('base64') } };
  if (varied.has('odd-errors')) return 'no';
  return undefined;
}

function decide(request, body) {
  if (request.url.split('?')[0] !== '/volc/asset/CreateVisualValidateSession') return refuse(404);
  if (request.method !== 'POST') return refuse(405, { Allow: 'OPTIONS, POST' });
  const credential = /^bearer +(.*)$/i.exec(request.headers.authorization ?? '');
  if (credential?.[1] !== key) return refuse(401, { 'WWW-Authenticate': 'Bearer' });
  let asked = {};
  if (body.length > 0) {
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return refuse(400);
    try { asked = JSON.parse(body.toString()); } catch { return refuse(400); }
  }
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) return refuse(400);
  const url = asked.CallbackURL;
  if (url === undefined ? varied.has('callback-required') : typeof url !== 'string') return refuse(400);
  return { status: 200, headers: {}, value: session(url) };
}

function session(url) {
  const moment = new Date(Date.now() + (varied.has('utc') ? 0 : 8 * 3600e3));
  const digits = moment.toISOString().replace(/\D/g, '').slice(0, 14);
  const host = varied.has('own-link') ? `http://127.0.0.1:${server.address().port}` : 'https://www.byteplus.com';
  const parts = [['BytedToken', digits + randomBytes(10).toString('hex').toUpperCase()]];
  if (url !== undefined && (url !== '' || !varied.has('blank-left-out'))) parts.push(['CallbackURL', url]);
  parts.push(['H5Link', `${host}/en/liveness-face-manage/authorization?pl=${randomBytes(300).toString('base64url')}&uid=${randomUUID()}${varied.has('more-parameters') ? '&channel=liveness-face-h5&lng=en' : ''}`]);
  return Object.fromEntries(varied.has('reversed') ? parts.reverse() : parts);
}

const escaped = (text) => text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function write(response, { status, headers, value }) {
  const plain = value === undefined ? '' : JSON.stringify(value, null, varied.has('pretty') ? '\t' : undefined);
  const text = varied.has('escaped') ? escaped(plain) : plain;
  const all = { ...headers };
  if (text) all['Content-Type'] = varied.has('charset') ? 'application/json; charset="UTF-8"' : 'application/json';
  if (varied.has('extra-headers')) Object.assign(all, { 'X-Powered-By': 'Node', 'Set-Cookie': ['a=1', 'b=2'], ETag: '"x"' });
  if (varied.has('closing')) all.Connection = 'close';
  if (!varied.has('chunked')) all['Content-Length'] = Buffer.byteLength(text);
  for (const [name, content] of Object.entries(all)) response.setHeader(varied.has('lower-names') ? name.toLowerCase() : name, content);
  response.writeHead(status);
  if (varied.has('chunked') && text) response.write(text.slice(0, 5));
  response.end(varied.has('chunked') ? text.slice(5) : text);
}

const server = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  write(response, decide(request, Buffer.concat(pieces)));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
