// compliance.mjs LOG: writes server/tests/COMPLIANCE.md, a table of what the standards ask and of
// the tests that prove it. A row is a doc comment above a test:
//
//     /// RFC 8628 §3.5: a device that polls too fast is told to slow down by 5 s.
//
// LOG is what `cargo test` printed. A row whose test did not pass there fails the run; in CI a table
// that is not the one that stands there does too. Several rows may stand above one test; a row ends
// with a full stop and may go on in the next line. `RFC 9470 §3, §4, RFC 6750 §3: ...` is three.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selfTest } from './compliance.d/self-test.mjs';
import { SPECS, known, order, titleOf, urlOf } from './compliance.d/specs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const table = 'server/tests/COMPLIANCE.md';
// Where tests stand. Above anything else in the first of them a row is a mistake; in the others
// the same words may explain a function. `on_both` and `module` make a test for each database.
const folders = ['server/tests/it', 'server/src', 'app/src', 'app/contract/src'];

const names = [...SPECS.keys()].map((name) => name.replaceAll('.', '\\.')).join('|');
const spec = `RFC \\d+|draft-[\\w-]+|${names}`;
const start = new RegExp(`^(${spec}) (§|appendix|section)`, 'i');
const paragraph = '(?:§\\d+(?:\\.\\d+)*|§[A-Z](?:\\.\\d+)*|appendix [A-Z](?:\\.\\d+)*)';
const more = `(?:, (?:(?:${spec}) )?${paragraph})*`;
const row = new RegExp(`^((?:${spec}) ${paragraph}${more}): (\\S.*)$`);
const cite = new RegExp(`(?:(${spec}) )?(${paragraph})(?:, |$)`, 'g');

/** The rows above the tests of one file, and what is wrong with them. */
function rowsOf(file, text) {
    const rows = [];
    const faults = [];
    const folder = folders.find((folder) => file.startsWith(`${folder}/`));
    const path = file.slice(folder.length + 1).replace(/\.rs$/, '').split('/');
    if (['mod', 'main', 'lib'].includes(path.at(-1))) path.pop();
    // `x_tests.rs` is the module `tests` of `x.rs`, by `#[path]`.
    else if (path.at(-1).endsWith('_tests')) path.push(path.pop().slice(0, -'_tests'.length), 'tests');
    const modules = [];
    let docs = [];
    let attributes = '';
    text.split('\n').forEach((line, index) => {
        const at = `${file}:${index + 1}`;
        const [, indent, code] = /^(\s*)(.*)$/.exec(line);
        while (modules.length && code === '}' && modules.at(-1).indent === indent) modules.pop();
        if (code.startsWith('///')) {
            docs.push({ at, text: code.slice(3).trim() });
        } else if (code.startsWith('#[') || (attributes && !attributes.endsWith(']'))) {
            attributes += code;
        } else if (!code.startsWith('//')) {
            const wrong = [];
            const found = read(docs, wrong);
            const name = /^(?:pub(?:\([\w ]+\))? )?(?:async )?fn (\w+)/.exec(code)?.[1];
            const both = /#\[apply\((on_both|module)!\)\]/.test(attributes);
            if (name && (both || /#\[(tokio::)?test\b/.test(attributes))) {
                const test = [...path, ...modules.map((module) => module.name), name].join('::');
                rows.push(...found.map((row) => ({ ...row, file, test, both })));
                faults.push(...wrong);
            } else if (folder === folders[0]) {
                faults.push(...found.map(({ at }) => `${at}: this row stands above no test`));
            }
            const module = /^(?:pub(?:\([\w ]+\))? )?mod (\w+) \{$/.exec(code);
            if (module) modules.push({ name: module[1], indent });
            docs = [];
            attributes = '';
        }
    });
    return { rows, faults };
}

/** The rows in one doc comment; other lines are prose for readers of the test. */
function read(docs, faults) {
    const comments = [];
    let open;
    for (const { at, text } of docs) {
        const [, cites, behaviour] = row.exec(text) ?? [];
        if (cites) {
            if (open) faults.push(`${open.at}: this row has no full stop at its end`);
            open = { at, cites, behaviour };
            comments.push(open);
        } else if (open && text) {
            open.behaviour += ` ${text}`;
        } else if (open) {
            faults.push(`${open.at}: this row has no full stop at its end`);
            open = undefined;
        } else if (start.test(text)) {
            faults.push(`${at}: a row reads \`SPEC §1.2.3: behaviour.\`, not \`${text}\``);
        }
        if (open?.behaviour.endsWith('.')) open = undefined;
    }
    if (open) faults.push(`${open.at}: this row has no full stop at its end`);
    return comments.flatMap(({ at, cites, behaviour }) => {
        let last;
        return [...cites.matchAll(cite)].map(([, spec = last, paragraph]) => {
            last = spec;
            if (!known(spec)) faults.push(`${at}: ${spec} is not in scripts/compliance.d/specs.mjs`);
            return { at, spec, paragraph, behaviour };
        });
    });
}

/** What became of each test; of two with the same name, the worse. */
function resultsOf(log) {
    const results = new Map();
    for (const line of log.replace(/\x1b\[[\d;]*m/g, '').split('\n')) {
        const [, name, result] = /^test (\S+)(?: - .*)? \.\.\. (ok|FAILED|ignored)/.exec(line) ?? [];
        if (name && (results.get(name) ?? 'ok') === 'ok') results.set(name, result);
    }
    return results;
}

/** The rows that nothing proves. A twin on PostgreSQL that had no server proved nothing either. */
function unproven(rows, results) {
    return rows.flatMap(({ at, test, both }) => {
        const twins = both ? [`${test}::on_sqlite`, `${test}::on_postgres`] : [test];
        return twins
            .map((twin) => [twin, results.get(twin) ?? 'not in the log'])
            .filter(([, result]) => result !== 'ok')
            .map(([twin, result]) => `${at}: ${twin}: ${result}`);
    });
}

function databases({ test, both }) {
    if (both) return 'SQLite, PostgreSQL';
    if (test.endsWith('_on_sqlite')) return 'SQLite';
    return test.endsWith('_on_postgres') ? 'PostgreSQL' : '';
}

/** The whole document; the same rows in any order give the same text. */
function tableOf(rows) {
    const cell = (text) => text.replaceAll('|', '\\|');
    const sorted = rows.map((row) => ({ ...row, key: order(row) })).sort((a, b) => (a.key < b.key ? -1 : 1));
    const lines = [
        '# What the standards ask, and the test that proves it',
        '',
        'Written by the test run (`scripts/test rust`) from the comments above the tests; a row whose test',
        'does not pass fails it. Tests without databases prove it of a function alone.',
    ];
    let last;
    for (const row of sorted) {
        if (row.spec !== last) {
            last = row.spec;
            lines.push('', `## [${titleOf(row.spec)}](${urlOf(row)})`, '');
            lines.push('| paragraph | behaviour | test | databases |', '| --- | --- | --- | --- |');
        }
        const paragraph = /^RFC/.test(row.spec) ? `[${row.paragraph}](${urlOf(row, row.paragraph)})` : row.paragraph;
        const file = row.file.startsWith('server/tests/')
            ? row.file.slice('server/tests/'.length)
            : `../../${row.file}`;
        lines.push(`| ${paragraph} | ${cell(row.behaviour)} | [\`${row.test}\`](${file}) | ${databases(row)} |`);
    }
    return `${lines.join('\n')}\n`;
}

/** So many faults are named; a log of another run would name hundreds. */
const SHOWN = 40;

function fail(faults, advice) {
    for (const fault of faults.slice(0, SHOWN)) console.error(fault);
    if (faults.length > SHOWN) console.error(`... and ${faults.length - SHOWN} more`);
    console.error(`error: ${advice}`);
    process.exitCode = 1;
}

function main(log) {
    const rows = [];
    const faults = [];
    for (const folder of folders) {
        const entries = readdirSync(join(root, folder), { recursive: true }).map((entry) => `${folder}/${entry}`);
        for (const file of entries.filter((entry) => entry.endsWith('.rs')).sort()) {
            const found = rowsOf(file, readFileSync(join(root, file), 'utf8'));
            rows.push(...found.rows);
            faults.push(...found.faults);
        }
    }
    if (faults.length) return fail(faults, 'these comments can not be read as rows of the compliance table.');
    const failed = unproven(rows, resultsOf(readFileSync(log, 'utf8')));
    if (failed.length) return fail(failed, `these rows of the compliance table are proven by no test that passed in ${log}.`);
    if (!process.env.CLAVIGER_TEST_POSTGRES) {
        console.error(`PostgreSQL was not tested (CLAVIGER_TEST_POSTGRES is not set): ${table} stays as it is.`);
        return;
    }
    const wanted = tableOf(rows);
    const file = join(root, table);
    let there = '';
    try {
        there = readFileSync(file, 'utf8');
    } catch {
        // Not written yet.
    }
    if (there === wanted) return;
    if (process.env.CI) {
        return fail([], `${table} is not what the tests say; \`scripts/test rust\` writes it, then check it in.`);
    }
    writeFileSync(file, wanted);
    console.error(`${table} was written: ${rows.length} rows.`);
}

if (process.argv[2] === '--self-test') selfTest({ rowsOf, resultsOf, unproven, tableOf });
else if (process.argv.length === 3) main(process.argv[2]);
else fail([], 'usage: compliance.mjs LOG | --self-test');
