/**
 * How the server is reached: URLs, Unix sockets, proxies, WebSocket, TLS.
 */

import { makeCa } from "../../src/certificates/issue.ts";
import { CONNECT, failuresOfClients, type ParityRow, rowsOf, rowsOfClients } from "./row.ts";

const pub = rowsOf("pub");
const sub = rowsOf("sub");
const rr = rowsOf("rr");

const PUBLISH = "PUBLISH 't' q0 'm'";
const SENT = { sent: [CONNECT, PUBLISH] };
const FAILED = { code: 1, sent: [] };

const COMMON = "-V 5 -i c";

const URL_ROWS: readonly ParityRow[] = [
  pub(
    "-L, --url",
    "names host, port and topic",
    `${COMMON} -m m -L mqtt://127.0.0.1:{port}/t`,
    SENT,
    {
      bare: true,
    },
  ),
  pub(
    "-L, --url",
    "names user and password",
    `${COMMON} -m m --url mqtt://ann:s3cret@127.0.0.1:{port}/home/temp`,
    {
      sent: ["CONNECT v5 'c' user 'ann' password 's3cret'", "PUBLISH 'home/temp' q0 'm'"],
    },
    { bare: true },
  ),
  pub(
    "-L, --url",
    "names a user without a password",
    `${COMMON} -m m -L mqtt://ann@127.0.0.1:{port}/t`,
    {
      sent: ["CONNECT v5 'c' user 'ann'", PUBLISH],
    },
    { bare: true },
  ),
  sub("-L, --url", "adds its topic to -t", `${COMMON} -E -t u -L mqtt://127.0.0.1:{port}/t/%23`, {
    sent: [CONNECT, "SUBSCRIBE 'u' q0 't/%23' q0"],
  }, { bare: true }),
  sub("-L, --url", "takes wildcards as they are", `${COMMON} -E -L mqtt://127.0.0.1:{port}/t/+/#`, {
    sent: [CONNECT, "SUBSCRIBE 't/+/#' q0"],
  }, { bare: true }),
  rr(
    "-L, --url",
    "names the topic of the request",
    `${COMMON} -e r -m m -L mqtt://127.0.0.1:{port}/t`,
    {
      stdout: "a\n",
      sent: [CONNECT, "SUBSCRIBE 'r' q0", "PUBLISH 't' q0 'm' responseTopic='r'"],
    },
    { bare: true, script: { response: "a" } },
  ),
  pub("-L, --url", "needs a topic", `${COMMON} -m m -L mqtt://127.0.0.1:{port}`, FAILED, {
    bare: true,
  }),
  pub("-L, --url", "refuses other schemes", `${COMMON} -m m -L http://127.0.0.1:{port}/t`, FAILED, {
    bare: true,
  }),
  pub(
    "-L, --url",
    "uses TLS for mqtts",
    `${COMMON} -m m --cafile {ca} -L mqtts://localhost:{port}/t`,
    SENT,
    { bare: true, script: { carrier: "tls" } },
  ),
  pub("-L, --url", "speaks WebSocket for ws", `${COMMON} -m m -L ws://127.0.0.1:{port}/t`, SENT, {
    bare: true,
    script: { carrier: "websocket" },
    since: "2.1",
  }),
  pub(
    "-L, --url",
    "speaks WebSocket in TLS for wss",
    `${COMMON} -m m --cafile {ca} -L wss://localhost:{port}/t`,
    SENT,
    { bare: true, script: { carrier: "tls websocket" }, since: "2.1" },
  ),
];

const SOCKET_ROWS: readonly ParityRow[] = [
  ...rowsOfClients(
    "--unix",
    "connects to a Unix socket",
    `${COMMON} --unix {folder}/socket`,
    CONNECT,
    { bare: true, script: { carrier: "unix" } },
  ),
  ...failuresOfClients(
    "--unix",
    "fails when there is no such socket",
    "--unix {folder}/missing",
    1,
    {
      bare: true,
    },
  ),
  ...rowsOfClients(
    "--proxy",
    "goes through SOCKS5, which resolves the name",
    `${COMMON} -h broker.invalid -p {port} --proxy socks5h://127.0.0.1:{proxy}`,
    `SOCKS5 nobody broker.invalid:port\n${CONNECT}`,
    { bare: true, proxy: "open" },
  ),
  pub(
    "--proxy",
    "logs in at the proxy",
    "-t t -m m --proxy socks5h://ann:s3cret@127.0.0.1:{proxy}",
    {
      sent: ["SOCKS5 ann:s3cret 127.0.0.1:port", CONNECT, PUBLISH],
    },
    { proxy: "password" },
  ),
  pub(
    "--proxy",
    "decodes the password of the proxy",
    "-t t -m m --proxy socks5h://ann:s%40cret@127.0.0.1:{proxy}",
    { sent: ["SOCKS5 ann:s:cret 127.0.0.1:port", CONNECT, PUBLISH] },
    {
      proxy: "password",
      ours: { sent: ["SOCKS5 ann:s@cret 127.0.0.1:port", CONNECT, PUBLISH] },
      why: "%40 is an @; Mosquitto makes a colon of it",
    },
  ),
  ...failuresOfClients("--proxy", "refuses other protocols", "--proxy http://127.0.0.1:1"),
  ...rowsOfClients("--ws", "speaks WebSocket", "--ws", CONNECT, {
    script: { carrier: "websocket" },
    since: "2.1",
  }),
  sub("--ws", "speaks WebSocket in TLS", "-t t -C 1 --ws --cafile {ca}", { stdout: "m\n" }, {
    script: { carrier: "tls websocket", messages: [{}] },
    since: "2.1",
  }),
];

/** A server that a client of TLS finds. */
const TLS = { script: { carrier: "tls" } } as const;
const MUTUAL = { script: { carrier: "mutual tls" } } as const;
const ELSEWHERE = { script: { carrier: "tls of another host" } } as const;
/** Of a handshake that fails: it may be noticed while connecting, or after. */
const TLS_FAILURE = [1, 8];
/** As NSS writes them, and Wireshark reads them. */
const KEYS = { keys: /^(CLIENT|SERVER)_\w+ [0-9a-f]+ [0-9a-f]+$/m };
const NO_PSK = "Deno's TLS (rustls) has no pre-shared keys";

const TLS_ROWS: readonly ParityRow[] = [
  ...rowsOfClients("--cafile", "trusts a CA", "--cafile {ca}", CONNECT, TLS),
  ...failuresOfClients("--cafile", "trusts no other CA", "--cafile other.pem", TLS_FAILURE, {
    ...TLS,
    files: { "other.pem": (await makeCa({ commonName: "Other CA" })).certificate },
  }),
  ...failuresOfClients("--cafile", "fails when the file is not there", "--cafile {folder}/none"),
  ...failuresOfClients(
    "--cafile",
    "finds out that the certificate is another host's",
    "--cafile {ca}",
    TLS_FAILURE,
    ELSEWHERE,
  ),
  ...rowsOfClients("--capath", "trusts the CAs of a folder", "--capath {hashed}", CONNECT, TLS),
  ...rowsOfClients(
    "--cert",
    "shows a client certificate",
    "--cafile {ca} --cert {cert} --key {key}",
    CONNECT,
    MUTUAL,
  ),
  ...failuresOfClients("--cert", "needs --key", "--cafile {ca} --cert {cert}"),
  ...failuresOfClients("--key", "needs --cert", "--cafile {ca} --key {key}"),
  ...rowsOfClients(
    "--keyform",
    "takes pem",
    "--cafile {ca} --cert {cert} --key {key} --keyform pem",
    CONNECT,
    MUTUAL,
  ),
  ...rowsOfClients(
    "--insecure",
    "takes the certificate of another host",
    "--cafile {ca} --insecure",
    CONNECT,
    { ...ELSEWHERE, needsDeno: "2.9" },
  ),
  ...rowsOfClients(
    "--tls-version",
    "takes TLS 1.3",
    "--cafile {ca} --tls-version tlsv1.3",
    CONNECT,
    { script: { carrier: "tls 1.3" }, needsDeno: "2.9" },
  ),
  ...rowsOfClients(
    "--tls-version",
    "takes TLS 1.2",
    "--cafile {ca} --tls-version tlsv1.2",
    CONNECT,
    TLS,
  ),
  ...failuresOfClients("--tls-version", "refuses other words", "--cafile {ca} --tls-version 1"),
  ...(["pub", "sub", "rr"] as const).map((tool) =>
    rowsOf(tool)(
      "--tls-alpn",
      "asks for a protocol",
      `-t t ${{ pub: "-n", sub: "-E", rr: "-n -e r" }[tool]} --cafile {ca} --tls-alpn mqtt-parity`,
      { hello: "mqtt-parity" },
      { script: { carrier: "tls", response: "a" } },
    )
  ),
  ...rowsOfClients(
    "--ciphers",
    "takes a list of OpenSSL",
    "--cafile {ca} --ciphers ECDHE-ECDSA-AES256-GCM-SHA384",
    CONNECT,
    TLS,
  ),
  ...failuresOfClients(
    "--tls-use-os-certs",
    "does not trust the test's CA",
    "--tls-use-os-certs",
    TLS_FAILURE,
    TLS,
  ),
  ...rowsOfClients("--no-tls", "undoes the flags of TLS", "--cafile {ca} --no-tls", CONNECT, {
    since: "2.1",
  }),
  ...rowsOfClients(
    "--tls-keylog",
    "writes the keys of the connection",
    "--cafile {ca} --tls-keylog {folder}/keys",
    CONNECT,
    { ...TLS, since: "2.1" },
  )
    .map((row) => ({
      ...row,
      expected: { ...row.expected, files: KEYS },
      ours: { code: 1, sent: [], files: { keys: null }, says: /keylog/ },
      why: "Deno's TLS (rustls) does not hand them out",
    })),
  ...failuresOfClients("--psk", "needs --psk-identity", "--psk 00ff"),
  pub("--psk", "makes TLS with a shared key", "-t t -m m --psk 00ff --psk-identity ann", SENT, {
    ...TLS,
    ours: { code: 1, sent: [], says: /pre-shared/ },
    why: `${NO_PSK}; Mosquitto trusts any certificate when the server has none`,
  }),
  ...rowsOfClients("--psk-identity", "is of no use without --psk", "--psk-identity ann", CONNECT, {
    ours: { code: 1, sent: [], says: /pre-shared/ },
    why: NO_PSK,
  }),
  ...failuresOfClients(
    "--tls-engine",
    "names an engine that must exist",
    "--cafile {ca} --tls-engine nonesuch",
  ),
  ...failuresOfClients(
    "--tls-engine-kpass-sha1",
    "needs --tls-engine and --keyform",
    "--tls-engine-kpass-sha1 00",
  ),
];

export const TRANSPORT_ROWS: readonly ParityRow[] = [...URL_ROWS, ...SOCKET_ROWS, ...TLS_ROWS];
