// Preloaded: lets the main thread stand still for 200 ms again and again, as a large answer to a slow client would.
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  setInterval(() => {
    const until = performance.now() + 200;
    while (performance.now() < until);
  }, 250).unref();
}
