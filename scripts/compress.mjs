// compress.mjs FOLDER: writes NAME.br and NAME.gz beside every file worth it, so that the server
// compresses nothing while a request waits. Prints what a first visit costs.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = process.argv[2];
const wanted = /\.(wasm|js|mjs|css|svg|json|txt|webmanifest)$/;
const firstVisit = /\.(wasm|js|css)$/;

let plain = 0;
let brotli = 0;
for (const entry of readdirSync(folder, { recursive: true })) {
    const file = join(folder, entry);
    if (!wanted.test(file)) continue;
    const content = readFileSync(file);
    const packed = {
        br: brotliCompressSync(content, {
            params: {
                [constants.BROTLI_PARAM_QUALITY]: 11,
                [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
                [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
            },
        }),
        gz: gzipSync(content, { level: 9 }),
    };
    for (const [ending, bytes] of Object.entries(packed)) {
        // A file that does not shrink is served as it is.
        if (bytes.length < content.length) writeFileSync(`${file}.${ending}`, bytes);
        else rmSync(`${file}.${ending}`, { force: true });
    }
    if (firstVisit.test(file)) {
        plain += content.length;
        brotli += Math.min(packed.br.length, content.length);
    }
}
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
console.log(`wasm + js + css: ${kib(plain)}, ${kib(brotli)} in brotli`);
