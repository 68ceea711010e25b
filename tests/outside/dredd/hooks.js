// Makes each documented answer happen: a response says what comes back, not what brings it about.
// Only requests are changed here, never what Dredd expects of the answer.
const hooks = require('hooks');

const WORKING = 'Bearer sk-mock-byteplus-direct';

const requestFor = {
  200: (request) => { request.headers.Authorization = WORKING; },
  400: (request) => {
    request.headers.Authorization = WORKING;
    request.body = JSON.stringify({ CallbackURL: 5 });
  },
  401: (request) => { delete request.headers.Authorization; },
  403: (request) => { request.headers.Authorization = 'Bearer sk-mock-banned'; },
};

hooks.beforeEach((transaction) => {
  const change = requestFor[transaction.expected.statusCode];
  if (!change) {
    throw new Error(`tests/outside/dredd/hooks.js does not know how to bring about: ${transaction.name}`);
  }
  change(transaction.request);
});
