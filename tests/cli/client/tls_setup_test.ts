import assert from "node:assert/strict";
import { checkCiphers, readTlsFiles } from "../../../src/cli/client/tls_setup.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import { settingsOf } from "./tool_fixture.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const OTHER = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

/** Reads the files of options, in a folder with files. */
function read(files: Record<string, string>, ...args: string[]) {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    Deno.writeTextFileSync(`${folder.path}/${name}`, text);
  }
  const words = args.map((arg) => arg.replace("FOLDER", folder.path));
  const { tls } = settingsOf("sub", "-t", "a", ...words).connection;
  try {
    return readTlsFiles(tls);
  } catch (error) {
    throw new Error((error as Error).message.replaceAll(folder.path, "FOLDER"));
  }
}

Deno.test("readTlsFiles() reads what the options name", () => {
  const files = { "ca.pem": CERTIFICATE, "c.pem": OTHER, "k.pem": KEY };
  const cert = ["--cert", "FOLDER/c.pem", "--key", "FOLDER/k.pem", "--keyform", "pem"];
  assert.deepEqual(read(files, "--cafile", "FOLDER/ca.pem", ...cert, "--insecure"), {
    caCertificates: [CERTIFICATE],
    certificate: OTHER,
    key: KEY,
    checkHostname: false,
    alpnProtocols: [],
    minimumVersion: undefined,
  });
  const system = read({}, "--tls-use-os-certs", "--tls-version", "tlsv1.3", "--tls-alpn", "mqtt");
  assert.deepEqual([system.caCertificates, system.minimumVersion, system.alpnProtocols], [
    [],
    "1.3",
    ["mqtt"],
  ]);
});

Deno.test("readTlsFiles() takes each certificate of a folder once", () => {
  const files = {
    "a.crt": CERTIFICATE,
    "b.pem": OTHER,
    "f88ed8fa.0": CERTIFICATE,
    "k.pem": KEY,
    "readme.txt": CERTIFICATE.replace("AAAA", "CCCC"),
  };
  const { caCertificates } = read(files, "--capath", "FOLDER");
  assert.deepEqual([...caCertificates].sort(), [CERTIFICATE, OTHER]);
});

Deno.test("readTlsFiles() says what is wrong with a file", () => {
  const cases: [RegExp, Record<string, string>, ...string[]][] = [
    [/^Cannot read '\/no\/file' of '--cafile': there is no such file$/, {}, "--cafile", "/no/file"],
    [/^Cannot read '\/no\/folder' of '--capath': there is no such/, {}, "--capath", "/no/folder"],
    [/^Cannot use 'FOLDER\/k' of '--cafile': there is no cert/, { k: KEY }, "--cafile", "FOLDER/k"],
    [/^Cannot use the folder 'FOLDER' of '--capath': no file in/, { k: KEY }, "--capath", "FOLDER"],
    [
      /^Cannot use 'FOLDER\/c' of '--key': there is no private key in PEM in it$/,
      { c: CERTIFICATE },
      ...["--cert", "FOLDER/c", "--key", "FOLDER/c"],
    ],
    [
      /^Cannot use the private key 'FOLDER\/k': it is encrypted. Without password: openssl pkey/,
      { c: CERTIFICATE, k: KEY.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") },
      ...["--cert", "FOLDER/c", "--key", "FOLDER/k"],
    ],
  ];
  for (const [message, files, ...args] of cases) {
    assert.throws(() => read(files, ...args), { message });
  }
});

Deno.test("a list of ciphers must name one that is offered, or a group", () => {
  for (
    const list of [
      "ECDHE-RSA-AES256-GCM-SHA384",
      "AES128-SHA:ECDHE-ECDSA-CHACHA20-POLY1305",
      "HIGH:!aNULL:!MD5",
      "TLSv1.2",
      "+ECDHE",
      "TLS_AES_128_GCM_SHA256",
    ]
  ) {
    checkCiphers(list);
  }
  for (const list of ["AES128-SHA", "PSK-AES256-CBC-SHA:AES256-SHA", "!HIGH:AES128-SHA"]) {
    assert.throws(() => checkCiphers(list), /the TLS here offers none of them, but TLS_AES_256/);
  }
});
