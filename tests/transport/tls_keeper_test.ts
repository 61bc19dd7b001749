import assert from "node:assert/strict";
import { TlsKeeper } from "../../src/transport/tls_keeper.ts";
import type { TlsOptions } from "../../src/transport/tls_options.ts";
import { newTestServer, testCa, testServer } from "../support/certificates.ts";
import { DAY_MS, makeCrl, TlsFolder } from "./tls_fixture.ts";

/** A keeper with a clock that the test moves, and what it told. */
class KeeperFixture implements Disposable {
  nowMs = Date.now();
  readonly lines: string[] = [];
  #keeper: TlsKeeper | undefined;

  static async open(options: TlsOptions): Promise<KeeperFixture> {
    const fixture = new KeeperFixture();
    fixture.#keeper = await TlsKeeper.open(
      options,
      {
        tlsFilesReplaced: () => fixture.lines.push("replaced"),
        tlsNotice: (level, text) => fixture.lines.push(`${level}: ${text}`),
      },
      () => fixture.nowMs,
    );
    return fixture;
  }

  get keeper(): TlsKeeper {
    return this.#keeper as TlsKeeper;
  }

  /** Looks, and gives what was told since the last look. */
  async look(): Promise<string[]> {
    await this.keeper.look();
    return this.lines.splice(0);
  }

  [Symbol.dispose](): void {
    this.#keeper?.close();
  }
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

Deno.test("TlsKeeper takes a new certificate and key, and says so", async () => {
  await using folder = await TlsFolder.create(await testServer());
  using fixture = await KeeperFixture.open(folder.options());
  assert.deepEqual(await fixture.look(), []);
  const next = await newTestServer({ days: 90 });
  folder.write("server-key.pem", next.key);
  folder.write("server.pem", next.certificate);
  const { path } = folder;
  const [notice = "", ...more] = await fixture.look();
  assert.match(notice, /^info: New TLS files are in use: '.*\/server\.pem' is valid until \d{4}-/);
  assert.deepEqual(more, ["replaced"], path);
  assert.equal(fixture.keeper.files.certificate, next.certificate);
  assert.deepEqual(await fixture.look(), []);
});

Deno.test("TlsKeeper keeps the old files while the new ones do not fit, and says it once", async () => {
  const server = await testServer();
  await using folder = await TlsFolder.create(server);
  using fixture = await KeeperFixture.open(folder.options());
  const next = await newTestServer();
  folder.write("server.pem", next.certificate);
  const complaint =
    `error: Cannot use tls.key '${folder.path}/server-key.pem': it is not the key ` +
    `of '${folder.path}/server.pem'; the TLS files from before stay in use`;
  assert.deepEqual(await fixture.look(), [complaint]);
  assert.deepEqual(await fixture.look(), []);
  assert.equal(fixture.keeper.files.certificate, server.certificate);
  folder.write("server-key.pem", next.key);
  assert.equal((await fixture.look()).at(-1), "replaced");
});

Deno.test("TlsKeeper keeps the old files where a new certificate has ended or is gone", async () => {
  const server = await testServer();
  await using folder = await TlsFolder.create(server);
  using fixture = await KeeperFixture.open(folder.options());
  const ended = await newTestServer({ days: 1, nowMs: fixture.nowMs - 3 * DAY_MS });
  folder.write("server.pem", ended.certificate);
  folder.write("server-key.pem", ended.key);
  const [complaint = "", ...more] = await fixture.look();
  assert.match(
    complaint,
    /^error: The certificate '.*' has ended on .*; the TLS files from before/,
  );
  assert.deepEqual(more, []);
  await Deno.remove(`${folder.path}/server.pem`);
  assert.match((await fixture.look()).join(), /there is no such file; the TLS files from before/);
  assert.equal(fixture.keeper.files.certificate, server.certificate);
});

Deno.test("TlsKeeper takes a new client CA and a new CRL as well", async () => {
  const ca = await testCa();
  await using folder = await TlsFolder.create(await testServer());
  const options = folder.options({
    clientCa: folder.write("ca.pem", ca.certificate),
    crl: folder.write("crl.pem", makeCrl(ca)),
    clientCertificate: "require",
  });
  using fixture = await KeeperFixture.open(options);
  folder.write("crl.pem", makeCrl(ca, { revoked: [(await testServer()).certificate] }));
  assert.equal((await fixture.look()).at(-1), "replaced");
  folder.write("ca.pem", `${ca.certificate}\n`);
  assert.equal((await fixture.look()).at(-1), "replaced");
});

Deno.test("TlsKeeper warns once a day in the 21 days before the certificate ends, and after it", async () => {
  const server = await newTestServer({ days: 40 });
  await using folder = await TlsFolder.create(server);
  using fixture = await KeeperFixture.open(folder.options());
  const { endsAtMs } = fixture.keeper.files;
  const at = async (ms: number) => {
    fixture.nowMs = ms;
    return await fixture.look();
  };
  const what = `The certificate '${folder.path}/server.pem'`;
  assert.deepEqual(await at(endsAtMs - 22 * DAY_MS), []);
  assert.deepEqual(await at(endsAtMs - 20.5 * DAY_MS), [
    `warning: ${what} ends in 20 days, on ${day(endsAtMs)}; renew it`,
  ]);
  assert.deepEqual(await at(endsAtMs - 19.6 * DAY_MS), []);
  assert.match((await at(endsAtMs - 1.5 * DAY_MS)).join(), / ends in 1 day, on /);
  assert.match((await at(endsAtMs - 0.5 * DAY_MS)).join(), / ends today, on /);
  assert.deepEqual(await at(endsAtMs + 0.6 * DAY_MS), [
    `error: ${what} has ended on ${day(endsAtMs)}; renew it`,
  ]);
});

Deno.test("TlsKeeper warns of a CRL two days before its end", async () => {
  const ca = await testCa();
  await using folder = await TlsFolder.create(await testServer());
  const options = folder.options({
    clientCa: folder.write("ca.pem", ca.certificate),
    crl: folder.write("crl.pem", makeCrl(ca)),
    clientCertificate: "request",
  });
  using fixture = await KeeperFixture.open(options);
  const endMs = fixture.keeper.files.revocationList?.nextUpdateMs ?? 0;
  fixture.nowMs = endMs - 1.5 * DAY_MS;
  assert.deepEqual(await fixture.look(), [
    `warning: The CRL '${folder.path}/crl.pem' ends in 1 day, on ${day(endMs)}; renew it`,
  ]);
});

Deno.test("TlsKeeper.open() rejects files that cannot be used", async () => {
  await using folder = await TlsFolder.create(await testServer());
  await assert.rejects(KeeperFixture.open(folder.options({ key: undefined })), {
    message: "Cannot use TLS: tls.key is not given",
  });
});

Deno.test("TlsKeeper looks by itself when a file changes", async () => {
  await using folder = await TlsFolder.create(await testServer());
  const { promise, resolve } = Promise.withResolvers<string>();
  const keeper = await TlsKeeper.open(folder.options(), {
    tlsFilesReplaced: ({ certificate }) => resolve(certificate),
    tlsNotice: () => {},
  });
  const next = await newTestServer();
  folder.write("server-key.pem", next.key);
  folder.write("server.pem", next.certificate);
  assert.equal(await promise, next.certificate);
  keeper.close();
});
