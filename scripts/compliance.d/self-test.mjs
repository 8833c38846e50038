// What scripts/compliance.mjs has to notice, tried on files and logs that exist in memory only.
import assert from 'node:assert/strict';

const above = (docs, attributes = '#[apply(on_both!)]', name = 'it_holds') =>
    `${docs}\n${attributes}\nasync fn ${name}(server: TestServer) {\n}\n`;
const passed = 'test token::it_holds::on_sqlite ... ok\ntest token::it_holds::on_postgres ... ok\n';

export function selfTest({ rowsOf, resultsOf, unproven, tableOf }) {
    const read = (text, file = 'server/tests/it/token.rs') => rowsOf(file, text);
    const fails = (text, fault) => {
        const { faults } = read(text);
        assert.ok(faults.length === 1 && faults[0].includes(fault), `${text}${faults}`);
    };
    const behaviours = (text) => read(text).rows.map((row) => `${row.paragraph} ${row.behaviour}`);

    // What is a row, and what is prose.
    const one = '/// RFC 6749 §5.1: an answer is not stored.';
    assert.deepEqual(behaviours(above(one)), ['§5.1 an answer is not stored.']);
    assert.deepEqual(behaviours(above('/// Only prose.')), []);
    assert.deepEqual(behaviours(above(`/// Prose.\n${one}\n/// More of it.`)), ['§5.1 an answer is not stored.']);
    const wrapped = '/// RFC 7636 appendix B: an example\n/// that goes on.\n/// OpenID Connect Core 1.0 §3.1.2: two.';
    assert.deepEqual(behaviours(above(wrapped)), ['appendix B an example that goes on.', '§3.1.2 two.']);
    assert.deepEqual(behaviours(above(one, '#[tokio::test(\n    flavor = "multi_thread"\n)]')).length, 1);
    const { rows: three } = read(above('/// RFC 9470 §3, §4, RFC 6750 §3: both say it.'));
    assert.deepEqual(
        three.map((row) => `${row.spec} ${row.paragraph}`),
        ['RFC 9470 §3', 'RFC 9470 §4', 'RFC 6750 §3'],
    );

    // Where a test stands.
    const nested = `mod tests {\n    mod inner {\n    }\n    ${one}\n    #[test]\n    fn it_holds() {\n    }\n}\n`;
    assert.equal(read(nested, 'server/src/domain/pkce.rs').rows[0].test, 'domain::pkce::tests::it_holds');
    assert.equal(read(above(one), 'server/tests/it/conformance/mod.rs').rows[0].test, 'conformance::it_holds');

    // Rows that can not be read.
    fails(above('/// RFC 6749 §5.1 an answer is not stored.'), 'a row reads');
    fails(above('/// RFC 6749 section 5.1: an answer is not stored.'), 'a row reads');
    fails(above('/// RFC 6749 §5.1: no full stop'), 'no full stop');
    fails(above(`/// RFC 6749 §5.1: no full stop\n${one}`), 'no full stop');
    fails(above('/// RFC 99999 §1: this RFC does not exist.'), 'specs.mjs');
    fails(above(one, ''), 'above no test');
    assert.deepEqual(read(above(one, ''), 'server/src/lib.rs'), { rows: [], faults: [] });
    assert.deepEqual(read('/// RFC 7636 appendix B.\nconst VERIFIER: &str = "";\n'), { rows: [], faults: [] });

    // Rows that nothing proves.
    const { rows } = read(above(one));
    const left = (log) => unproven(rows, resultsOf(log)).map((line) => line.split(': ').slice(1).join(' '));
    assert.deepEqual(left(passed), []);
    assert.deepEqual(left(passed.replace('s ... ok', 's ... FAILED')), ['token::it_holds::on_postgres FAILED']);
    assert.deepEqual(left(passed.replace('e ... ok', 'e ... ignored, slow')), ['token::it_holds::on_sqlite ignored']);
    assert.deepEqual(left(`${passed}test token::it_holds::on_sqlite ... FAILED\n`).length, 1);
    assert.deepEqual(left('').length, 2);

    // The same table whatever the order, by number and not by letter.
    const more = ['§10.2', '§9', 'appendix A'].map((paragraph) => ({ ...rows[0], paragraph }));
    const text = tableOf([...more, ...rows]);
    assert.equal(text, tableOf([...rows, ...more].reverse()));
    assert.deepEqual(text.match(/\[(§|appendix )[^\]]*/g), ['[§5.1', '[§9', '[§10.2', '[appendix A']);
}
