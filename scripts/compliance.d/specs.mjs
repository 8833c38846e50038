// The standards that a row of the compliance table may name, and how they are sorted and linked.

/** What is no RFC, by the name that a row gives it: in the order of the table, with its address. */
export const SPECS = new Map([
    ['OpenID Connect Core 1.0', 'https://openid.net/specs/openid-connect-core-1_0.html'],
    ['OpenID Connect Discovery 1.0', 'https://openid.net/specs/openid-connect-discovery-1_0.html'],
    ['OpenID Connect Dynamic Client Registration 1.0', 'https://openid.net/specs/openid-connect-registration-1_0.html'],
    ['OpenID Connect RP-Initiated Logout 1.0', 'https://openid.net/specs/openid-connect-rpinitiated-1_0.html'],
    ['OpenID Connect Back-Channel Logout 1.0', 'https://openid.net/specs/openid-connect-backchannel-1_0.html'],
    ['Initiating User Registration via OpenID Connect 1.0', 'https://openid.net/specs/openid-connect-prompt-create-1_0.html'],
    ['OAuth 2.0 Form Post Response Mode', 'https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html'],
    ['OAuth 2.0 Multiple Response Type Encoding Practices', 'https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html'],
    ['OAuth 2.1 draft', 'https://datatracker.ietf.org/doc/draft-ietf-oauth-v2-1/'],
    ['Model Context Protocol', 'https://modelcontextprotocol.io/specification/latest/basic/authorization'],
    ['Fetch', 'https://fetch.spec.whatwg.org/'],
    ['OWASP ASVS 5.0', 'https://github.com/OWASP/ASVS/tree/master/5.0/en'],
]);

const RFCS = {
    3986: 'Uniform Resource Identifier (URI): Generic Syntax',
    4648: 'Base-N Encodings',
    5321: 'Simple Mail Transfer Protocol',
    6265: 'HTTP State Management Mechanism',
    6585: 'Additional HTTP Status Codes',
    6749: 'The OAuth 2.0 Authorization Framework',
    6750: 'Bearer Token Usage',
    6761: 'Special-Use Domain Names',
    6819: 'OAuth 2.0 Threat Model and Security Considerations',
    7009: 'OAuth 2.0 Token Revocation',
    7239: 'Forwarded HTTP Extension',
    7515: 'JSON Web Signature (JWS)',
    7517: 'JSON Web Key (JWK)',
    7518: 'JSON Web Algorithms (JWA)',
    7519: 'JSON Web Token (JWT)',
    7521: 'Assertion Framework for OAuth 2.0',
    7523: 'JWT Profile for OAuth 2.0 Client Authentication and Authorization Grants',
    7591: 'OAuth 2.0 Dynamic Client Registration Protocol',
    7592: 'OAuth 2.0 Dynamic Client Registration Management Protocol',
    7617: 'The Basic HTTP Authentication Scheme',
    7636: 'Proof Key for Code Exchange (PKCE)',
    7638: 'JSON Web Key (JWK) Thumbprint',
    7662: 'OAuth 2.0 Token Introspection',
    7800: 'Proof-of-Possession Key Semantics for JWTs',
    8037: 'CFRG Curves in JOSE',
    8176: 'Authentication Method Reference Values',
    8252: 'OAuth 2.0 for Native Apps',
    8259: 'The JavaScript Object Notation (JSON) Data Interchange Format',
    8414: 'OAuth 2.0 Authorization Server Metadata',
    8615: 'Well-Known URIs',
    8628: 'OAuth 2.0 Device Authorization Grant',
    8693: 'OAuth 2.0 Token Exchange',
    8707: 'Resource Indicators for OAuth 2.0',
    8725: 'JSON Web Token Best Current Practices',
    9068: 'JWT Profile for OAuth 2.0 Access Tokens',
    9101: 'JWT-Secured Authorization Request (JAR)',
    9110: 'HTTP Semantics',
    9111: 'HTTP Caching',
    9112: 'HTTP/1.1',
    9126: 'OAuth 2.0 Pushed Authorization Requests',
    9207: 'OAuth 2.0 Authorization Server Issuer Identification',
    9449: 'OAuth 2.0 Demonstrating Proof of Possession (DPoP)',
    9457: 'Problem Details for HTTP APIs',
    9470: 'OAuth 2.0 Step Up Authentication Challenge Protocol',
    9700: 'Best Current Practice for OAuth 2.0 Security',
    9728: 'OAuth 2.0 Protected Resource Metadata',
};

const rfc = (spec) => /^RFC (\d+)$/.exec(spec)?.[1];

/** An RFC that stands above, one of the others, or a draft of the IETF. */
export function known(spec) {
    return SPECS.has(spec) || spec.startsWith('draft-') || rfc(spec) in RFCS;
}

export function titleOf(spec) {
    return rfc(spec) ? `${spec}: ${RFCS[rfc(spec)]}` : spec;
}

export function urlOf({ spec }, paragraph) {
    if (SPECS.has(spec)) return SPECS.get(spec);
    if (!rfc(spec)) return `https://datatracker.ietf.org/doc/${spec}/`;
    const page = `https://www.rfc-editor.org/rfc/rfc${rfc(spec)}`;
    if (!paragraph) return page;
    const [, kind, number] = /^(§|appendix )(.*)$/.exec(paragraph);
    return `${page}#${kind === '§' && /^\d/.test(number) ? 'section' : 'appendix'}-${number}`;
}

/** What a row is sorted by: RFCs by number, then the others as above, then drafts; then paragraphs. */
export function order({ spec, paragraph, behaviour, test }) {
    const number = rfc(spec);
    const others = [...SPECS.keys()].indexOf(spec);
    const first = number ? `0 ${number.padStart(6)}` : others >= 0 ? `1 ${String(others).padStart(6)}` : '2';
    const appendix = paragraph.startsWith('appendix') || /^§[A-Z]/.test(paragraph);
    const numbers = paragraph.replace(/^(§|appendix )/, '').split('.').map((part) => part.padStart(4)).join('.');
    return [first, spec, appendix ? 1 : 0, numbers, behaviour, test].join('\0');
}
