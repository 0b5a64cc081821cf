// A static host for one test, under a sub-path, with breakage on demand.

import fs from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

export const MOUNT = '/some/where/';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css',
  '.wasm': 'application/wasm', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8', '.webmanifest': 'application/manifest+json',
};

// `faults` holds functions `(path, nth) => undefined | { status } | { body: (Buffer) => Buffer } | { delayMs } | { until: Promise }`; `path` lies below
// the mount and `nth` counts the requests for it from 1. The first function that returns something decides.
export async function serve(site) {
  const root = path.resolve(site);
  const server = { faults: [], requests: [], counts: new Map() };
  const listener = http.createServer(async (request, response) => {
    const name = decodeURIComponent(request.url.split(/[?#]/)[0]);
    if (!name.startsWith(MOUNT)) {
      server.requests.push({ path: name, status: 404 });
      response.writeHead(404).end();
      return;
    }
    const below = name.slice(MOUNT.length) || 'index.html';
    const nth = (server.counts.get(below) ?? 0) + 1;
    server.counts.set(below, nth);
    const fault = server.faults.map((it) => it(below, nth)).find(Boolean) ?? {};
    if (fault.delayMs) await new Promise((done) => setTimeout(done, fault.delayMs));
    if (fault.until) await fault.until;
    let status = fault.status ?? 200;
    let body = Buffer.alloc(0);
    if (status === 200) {
      const file = path.join(root, below.endsWith('/') ? `${below}index.html` : below);
      try {
        if (!file.startsWith(root + path.sep)) throw new Error('outside the site');
        body = await fs.readFile(file);
      } catch {
        status = 404;
      }
    }
    server.requests.push({ path: below, status });
    if (fault.body && status === 200) body = fault.body(Buffer.from(body));
    const headers = { 'content-type': TYPES[path.extname(below) || '.html'] ?? 'application/octet-stream' };
    // Static hosts let browsers keep files: a retry that is served from the cache would get the same broken bytes again.
    if (below.startsWith('data/')) headers['cache-control'] = 'public, max-age=86400';
    response.writeHead(status, headers).end(body);
  });
  await new Promise((done) => listener.listen(0, '127.0.0.1', done));
  server.origin = `http://127.0.0.1:${listener.address().port}`;
  server.base = server.origin + MOUNT;
  server.close = () => {
    listener.closeAllConnections();
    return new Promise((done) => listener.close(done));
  };
  return server;
}

// The parsed manifest of a data set of the site, and the folder it lies in.
export async function manifest(site) {
  const data = path.join(site, 'data');
  for (const folder of await fs.readdir(data)) {
    const file = path.join(data, folder, 'manifest.json');
    const text = await fs.readFile(file, 'utf8').catch(() => null);
    if (text && folder.startsWith('mnist')) return { folder: `data/${folder}`, ...JSON.parse(text) };
  }
  throw new Error(`no MNIST below ${data}: run cargo xtask data`);
}
