import assert from "node:assert/strict";
import { endOf } from "../../src/certificates/facts.ts";
import { toPem } from "../../src/certificates/keys.ts";
import { readTlsFiles, tlsPaths } from "../../src/transport/tls_files.ts";
import { newTestServer, testCa, testClient, testServer } from "../support/certificates.ts";
import { makeCrl, TlsFolder } from "./tls_fixture.ts";

Deno.test("readTlsFiles() reads certificate and key, and when the first of the chain ends", async () => {
  const { certificate, key } = await newTestServer({ days: 5 });
  const ca = await testCa();
  await using folder = await TlsFolder.create({ certificate: certificate + ca.certificate, key });
  const files = await readTlsFiles(folder.options());
  assert.equal(files.certificate, certificate + ca.certificate);
  assert.equal(files.key, key);
  assert.equal(files.clientCa, undefined);
  assert.equal(files.revocationList, undefined);
  assert.equal(files.endsAtMs, endOf(certificate));
});

Deno.test("readTlsFiles() finds the key behind a certificate, or behind parameters of a curve", async () => {
  const { certificate, key } = await testServer();
  const parameters = toPem("EC PARAMETERS", Uint8Array.of(6, 8, 42, 134, 72, 206, 61, 3, 1, 7));
  for (const before of [certificate, parameters]) {
    await using folder = await TlsFolder.create({ certificate, key: before + key });
    assert.equal((await readTlsFiles(folder.options())).key, key);
  }
});

Deno.test("readTlsFiles() reads client CA and CRL only where clients are asked for certificates", async () => {
  const ca = await testCa();
  await using folder = await TlsFolder.create(await testServer());
  const client = {
    clientCa: folder.write("ca.pem", ca.certificate),
    crl: folder.write("crl.pem", makeCrl(ca)),
  };
  const none = await readTlsFiles(folder.options(client));
  assert.deepEqual([none.clientCa, none.revocationList], [undefined, undefined]);
  const options = folder.options({ ...client, clientCertificate: "require" });
  const files = await readTlsFiles(options);
  assert.equal(files.clientCa, ca.certificate);
  const { certificate } = await testClient("lamp");
  assert.notEqual(files.revocationList, undefined, certificate);
  assert.deepEqual(
    tlsPaths(options).map((path) => path.slice(folder.path.length + 1)),
    ["server.pem", "server-key.pem", "ca.pem", "crl.pem"],
  );
  assert.equal(tlsPaths(folder.options(client)).length, 2);
});

Deno.test("readTlsFiles() has the same digest for the same contents alone", async () => {
  const ca = await testCa();
  await using folder = await TlsFolder.create(await testServer());
  const clientCa = folder.write("ca.pem", ca.certificate);
  const options = folder.options({ clientCa, clientCertificate: "request" });
  const digest = async () => (await readTlsFiles(options)).digest;
  const before = await digest();
  folder.write("server.pem", (await testServer()).certificate);
  assert.equal(await digest(), before);
  folder.write("ca.pem", `${ca.certificate}\n`);
  assert.notEqual(await digest(), before);
});

Deno.test("readTlsFiles() says which file is missing or cannot be understood", async () => {
  await using folder = await TlsFolder.create(await testServer());
  const { path } = folder;
  const fails = (more: object, message: string) =>
    assert.rejects(readTlsFiles(folder.options(more)), { message });
  await fails(
    { certificate: `${path}/no.pem` },
    `Cannot read tls.certificate '${path}/no.pem': ` +
      "there is no such file",
  );
  await fails({ key: undefined }, "Cannot use TLS: tls.key is not given");
  const text = folder.write("text.pem", "hello");
  await fails(
    { certificate: text },
    `Cannot read tls.certificate '${text}': no certificate in PEM`,
  );
  const request = { clientCertificate: "request" };
  await fails(request, "Cannot use TLS: tls.client_ca is not given");
  await fails(
    { ...request, clientCa: text },
    `Cannot read tls.client_ca '${text}': no certificate in PEM`,
  );
  const clientCa = folder.write("ca.pem", (await testCa()).certificate);
  await fails({ ...request, clientCa, crl: text }, `Cannot use tls.crl '${text}': no CRL in PEM`);
});

Deno.test("readTlsFiles() rejects a broken certificate and a broken key", async () => {
  await using folder = await TlsFolder.create(await testServer());
  const broken = folder.write("broken.pem", pem("CERTIFICATE"));
  await assert.rejects(
    readTlsFiles(folder.options({ certificate: broken })),
    (error: Error) => error.message.startsWith(`Cannot read tls.certificate '${broken}': `),
  );
  const key = folder.write("broken-key.pem", pem("PRIVATE KEY"));
  await assert.rejects(
    readTlsFiles(folder.options({ key })),
    (error: Error) => error.message.startsWith(`Cannot read tls.key '${key}': `),
  );
});

Deno.test("readTlsFiles() rejects a key of another certificate, and one with a passphrase", async () => {
  await using folder = await TlsFolder.create(await testServer());
  const key = folder.write("other-key.pem", (await testClient("lamp")).key);
  await assert.rejects(readTlsFiles(folder.options({ key })), {
    message: `Cannot use tls.key '${key}': it is not the key of '${folder.path}/server.pem'`,
  });
  const locked = folder.write("locked.pem", pem("ENCRYPTED PRIVATE KEY"));
  await assert.rejects(readTlsFiles(folder.options({ key: locked })), {
    message: `Cannot use tls.key '${locked}': it has a passphrase; remove it`,
  });
});

function pem(label: string): string {
  return `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
}
