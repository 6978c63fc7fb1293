// Objects, buffers outside the JavaScript heap, promises, compression, workers.
const zlib = require('zlib');
const crypto = require('crypto');
const { Worker, isMainThread, parentPort } = require('worker_threads');

function work(seed) {
  const map = new Map();
  let state = seed;
  for (let i = 0; i < 100000; i++) {
    state = (state * 16807) % 2147483647;
    map.set('key' + (state % 5000), { i, text: 'v'.repeat(state % 50), list: [i, state] });
  }
  const text = JSON.stringify([...map.entries()].sort((a, b) => (a[0] < b[0] ? -1 : 1)));
  const buffers = Array.from({ length: 2000 }, (_, i) => Buffer.alloc((i * 37) % 9000, i % 256));
  const packed = zlib.gzipSync(Buffer.concat(buffers));
  return [text.length, crypto.createHash('sha256').update(text).digest('hex'), zlib.gunzipSync(packed).length];
}

if (isMainThread) {
  const results = [1, 2, 3].map(seed => new Promise(resolve => {
    const worker = new Worker(__filename);
    worker.once('message', resolve);
    worker.postMessage(seed);
  }));
  Promise.all(results).then(all => console.log(JSON.stringify([work(9), ...all])));
} else {
  parentPort.once('message', seed => { parentPort.postMessage(work(seed)); parentPort.close(); });
}
