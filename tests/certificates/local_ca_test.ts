import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  CA_FILE,
  CA_KEY_FILE,
  CertificateFolder,
  SERVER_FILE,
  SERVER_KEY_FILE,
} from "../../src/certificates/folder.ts";
import { generateKey, keyTypeOf } from "../../src/certificates/keys.ts";
import {
  type ClientRequest,
  ensureClient,
  type ServerRequest,
} from "../../src/certificates/local_ca.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";
import { HOST_NAMES, MADE_AT_MS, MadeFolder } from "./folder_fixture.ts";
import { handshake, mutualHandshake } from "./handshake_fixture.ts";

const FILES = [CA_FILE, CA_KEY_FILE, SERVER_FILE, SERVER_KEY_FILE] as const;

/** Which of the files are other ones after the work. */
async function changedBy(made: MadeFolder, work: () => Promise<unknown>): Promise<string[]> {
  const before = FILES.map((name) => made.read(name));
  await work();
  return FILES.filter((name, index) => made.read(name) !== before[index]);
}

Deno.test("the first time, a CA and a server certificate are made", async () => {
  using made = new MadeFolder();
  const state = await made.ensure(0, { addedNames: ["mqtt.example.org"] });
  assert.deepEqual([state.isNewCa, state.madeBecause], [true, "there is a new CA"]);
  assert.deepEqual(state.names, [
    ...HOST_NAMES.slice(0, 3),
    "mqtt.example.org",
    ...HOST_NAMES.slice(3),
  ]);
  assert.deepEqual(FILES.map((name) => made.read(name)), [
    state.ca,
    made.folder.readOwn(CA_KEY_FILE),
    state.certificate,
    state.key,
  ]);
  assert.deepEqual([keyTypeOf(state.key), keyTypeOf(made.read(CA_KEY_FILE))], ["ec", "ec"]);
  assert.match(new X509Certificate(state.ca).subject, /^CN=pi CA [0-9a-f]{8}$/);
});

Deno.test("what is good is kept, and what is due is renewed with its key and its CA", async () => {
  using made = new MadeFolder();
  const first = await made.ensure();
  const kept = await changedBy(made, async () => {
    const again = await made.ensure(794);
    assert.deepEqual(again, { ...first, isNewCa: false, madeBecause: undefined });
  });
  assert.deepEqual(kept, []);
  const reasons: [number, Partial<ServerRequest>, string][] = [
    [796, {}, "the old one ends soon"],
    [796 + 826, {}, "the old one had ended"],
    [1700, { renew: true }, "it was asked for"],
    [1700, { days: 90 }, "it is to be valid for 90 days"],
    [1700, { addedNames: ["a.org"] }, "the old one lacks a.org"],
    [1700, { hostNames: [...HOST_NAMES, "10.0.0.8"] }, "the old one lacks 10.0.0.8"],
  ];
  for (const [afterDays, request, reason] of reasons) {
    const changed = await changedBy(made, async () => {
      assert.equal((await made.ensure(afterDays, request)).madeBecause, reason);
    });
    assert.deepEqual(changed, [SERVER_FILE], reason);
  }
  assert.deepEqual(made.folder.record?.addedNames, ["a.org"]);
  assert.equal(made.folder.record?.days, 90);
});

Deno.test("names and addresses that the host no longer has are left out of the next one", async () => {
  using made = new MadeFolder();
  await made.ensure(0, { hostNames: ["old", "10.0.0.1"], addedNames: ["a.org"] });
  const { names } = await made.ensure(0, { hostNames: ["new", "10.0.0.2"] });
  assert.deepEqual(names, ["new", "a.org", "10.0.0.2"]);
});

Deno.test("another key, or another CA, is made only when it is asked for", async () => {
  using made = new MadeFolder();
  await made.ensure();
  const newKey = await changedBy(made, () => made.ensure(0, { newKey: true }));
  assert.deepEqual(newKey, [SERVER_FILE, SERVER_KEY_FILE]);
  await assert.rejects(made.ensure(0, { keyType: "rsa" }), {
    message: `Cannot make a certificate of type rsa: the CA in '${made.path}' is of type ec. ` +
      "Name another folder with --dir, or make another CA with --new-ca",
  });
  const all = await changedBy(made, () => made.ensure(0, { keyType: "rsa", newCa: true }));
  assert.deepEqual(all, [...FILES]);
  assert.deepEqual(
    [keyTypeOf(made.read(CA_KEY_FILE)), keyTypeOf(made.read(SERVER_KEY_FILE))],
    ["rsa", "rsa"],
  );
  const state = await made.ensure();
  assert.equal(state.madeBecause, undefined);
});

Deno.test("a certificate or key that was lost is made again; the CA's key must be put back", async () => {
  using made = new MadeFolder();
  await made.ensure();
  const remove = (name: string) => Deno.removeSync(`${made.path}/${name}`);
  remove(SERVER_FILE);
  assert.equal((await made.ensure()).madeBecause, "there was none");
  remove(SERVER_KEY_FILE);
  assert.equal((await made.ensure()).madeBecause, "its key was not there");
  remove(CA_KEY_FILE);
  assert.equal((await made.ensure()).madeBecause, undefined);
  await assert.rejects(made.ensure(800), {
    message:
      `Cannot make a certificate: '${made.path}/${CA_KEY_FILE}' is not there. Put it back, ` +
      "or make another CA with --new-ca",
  });
  remove(CA_FILE);
  await assert.rejects(made.ensure(), { message: /ca\.pem' is not there/ });
});

Deno.test("files of somebody else are not touched, --new-ca or not", async () => {
  for (const name of FILES) {
    using made = new MadeFolder();
    await Deno.writeTextFile(`${made.path}/${name}`, "of somebody");
    for (const newCa of [false, true]) {
      await assert.rejects(made.ensure(0, { newCa }), {
        message: /^Cannot use '.*did not make it/,
      });
    }
    assert.deepEqual([namesIn(made.path), made.read(name)], [[name], "of somebody"]);
  }
});

Deno.test("a certificate of another key is made anew, with the key that is there", async () => {
  using made = new MadeFolder();
  const { key } = await made.ensure();
  const { record } = made.folder;
  assert.ok(record !== undefined);
  // As a power cut leaves it between the two files of a new key.
  const other = await generateKey("ec");
  made.folder.write({ [SERVER_KEY_FILE]: other }, record);
  const state = await made.ensure();
  assert.equal(state.madeBecause, "it was not the one of its key");
  assert.deepEqual([state.key === other, state.key === key], [true, false]);
  // A CA of 2026 and a certificate of 2026 cannot be tried with the clock of today.
  const today = await made.ensure(0, { newCa: true, nowMs: Date.now() });
  assert.equal(await handshake(today, today.ca, "pi.local"), "ok");
});

function clientRequest(more: Partial<ClientRequest> = {}): ClientRequest {
  const none = { keyType: undefined, days: undefined, renew: false, newKey: false };
  return { username: "ann", nowMs: MADE_AT_MS, ...none, ...more };
}

Deno.test("a client's certificate is made by the CA of the folder, and kept", async () => {
  using made = new MadeFolder();
  const nowMs = Date.now();
  const server = await made.ensure(0, { nowMs });
  const client = await ensureClient(made.folder, clientRequest({ nowMs }));
  assert.equal(client.madeBecause, "there was none");
  assert.deepEqual([client.file, client.keyFile], ["client-ann.pem", "client-ann-key.pem"]);
  assert.deepEqual([made.read(client.file), made.read(client.keyFile)], [
    client.certificate,
    client.key,
  ]);
  assert.equal(await mutualHandshake(server, server.ca, client), "ann");
  const again = await ensureClient(made.folder, clientRequest({ nowMs }));
  assert.deepEqual(again, { ...client, madeBecause: undefined });
  const renewed = await ensureClient(made.folder, clientRequest({ nowMs, renew: true }));
  assert.deepEqual([renewed.madeBecause, renewed.key], ["it was asked for", client.key]);
  const rekeyed = await ensureClient(made.folder, clientRequest({ newKey: true, keyType: "rsa" }));
  assert.deepEqual([rekeyed.madeBecause, keyTypeOf(rekeyed.key)], [
    "a new key was asked for",
    "rsa",
  ]);
  assert.equal((await made.ensure(0, { nowMs })).madeBecause, undefined);
});

Deno.test("user names become file names, each another one", async () => {
  using made = new MadeFolder();
  await made.ensure();
  const files: string[] = [];
  for (const username of ["a/b", "a%2Fb", "..", 'c:\\*?"<>|', "J\u00f6rg B."]) {
    files.push((await ensureClient(made.folder, clientRequest({ username }))).file);
  }
  assert.deepEqual(files, [
    "client-a%2Fb.pem",
    "client-a%252Fb.pem",
    "client-...pem",
    "client-c%3A%5C%2A%3F%22%3C%3E%7C.pem",
    "client-J\u00f6rg B..pem",
  ]);
  assert.deepEqual(files.filter((file) => !namesIn(made.path).includes(file)), []);
});

Deno.test("without a CA there is no client certificate", async () => {
  using temporary = temporaryFolder();
  const folder = CertificateFolder.open(temporary.path);
  await assert.rejects(ensureClient(folder, clientRequest()), {
    message: `Cannot make a client certificate: there is no CA in '${temporary.path}'. ` +
      "'broker cert' makes one",
  });
});

Deno.test("the certificate of 'ann-key' does not lie where the key of 'ann' does", async () => {
  using made = new MadeFolder();
  await made.ensure();
  const ann = await ensureClient(made.folder, clientRequest());
  const other = await ensureClient(made.folder, clientRequest({ username: "ann-key" }));
  assert.deepEqual([made.read(ann.keyFile), made.read(other.file)], [ann.key, other.certificate]);
  assert.deepEqual([other.file, other.keyFile], [
    "client-ann%2Dkey.pem",
    "client-ann%2Dkey-key.pem",
  ]);
});
