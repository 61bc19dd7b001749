import assert from "node:assert/strict";
import { verifyPassword } from "../../src/access/password_digest.ts";
import { PasswordFile } from "../../src/access/password_file.ts";
import { parsePasswordHash } from "../../src/access/password_hash.ts";
import { clientArgs, mosquittoConfig, mosquittoPasswords, ourConfig } from "./setup.ts";

const login = { user: "ann", password: "the right one" };

Deno.test("ourConfig() names what a transport needs and nothing else", async () => {
  const listener = "listeners:\n  - address: 127.0.0.1\n    port: 0\n";
  const protocol = "    protocol: websocket\n";
  const tls = "    tls:\n      certificate: cert.pem\n      key: key.pem\n";
  assert.equal(await ourConfig({ transport: "tcp" }), listener);
  assert.equal(await ourConfig({ transport: "tls" }), listener + tls);
  assert.equal(await ourConfig({ transport: "ws" }), listener + protocol);
  assert.equal(await ourConfig({ transport: "wss" }), listener + protocol + tls);
});

Deno.test("ourConfig() holds the hash of the password alone, and switches bans", async () => {
  const text = await ourConfig({ transport: "tcp", login, bans: false });
  assert.equal(text.includes(login.password), false);
  const hash = /password: "(.*)"/.exec(text)?.[1] ?? "";
  assert.equal(
    await verifyPassword(new TextEncoder().encode(login.password), parsePasswordHash(hash)),
    true,
  );
  const off = "authentication:\n  ban_local_network: false\n  failed_logins_before_ban: none\n";
  assert.equal(text.endsWith(off), true);
  const banning = await ourConfig({ transport: "tcp", login, bans: true });
  assert.equal(banning.endsWith("authentication:\n  ban_local_network: true\n"), true);
});

Deno.test("mosquittoConfig() gives a WebSocket listener a plain one beside it", () => {
  const ports = { port: 1, spare: 2 };
  const listeners = (text: string) => text.slice(text.indexOf("listener"));
  const tcp = mosquittoConfig({ transport: "tcp" }, ports, "/f");
  assert.equal(tcp.includes("allow_anonymous true\n"), true);
  assert.equal(listeners(tcp), "listener 1 127.0.0.1\n");
  assert.equal(
    listeners(mosquittoConfig({ transport: "wss" }, ports, "/f")),
    "listener 2 127.0.0.1\nlistener 1 127.0.0.1\nprotocol websockets\n" +
      "certfile /f/cert.pem\nkeyfile /f/key.pem\n",
  );
});

Deno.test("mosquittoConfig() lets in nobody without the password", async () => {
  const text = mosquittoConfig({ transport: "tcp", login }, { port: 1, spare: 2 }, "/f");
  assert.equal(text.includes("allow_anonymous false\n"), true);
  assert.equal(text.includes("password_file /f/passwords\n"), true);
  const hash = PasswordFile.parse(mosquittoPasswords(login)).users().get("ann");
  assert.ok(hash !== undefined);
  assert.equal(hash.startsWith("$7$101$"), true);
  const password = new TextEncoder().encode(login.password);
  assert.equal(await verifyPassword(password, parsePasswordHash(hash)), true);
});

Deno.test("clientArgs() are those of the transport, with the password where there is one", () => {
  assert.deepEqual(clientArgs({ transport: "tcp" }, "/f"), []);
  assert.deepEqual(clientArgs({ transport: "tls" }, "/f"), ["--tls", "--cafile", "/f/ca.pem"]);
  assert.deepEqual(clientArgs({ transport: "ws" }, "/f"), ["--ws"]);
  assert.deepEqual(
    clientArgs({ transport: "wss", login }, "/f"),
    ["--tls", "--cafile", "/f/ca.pem", "--ws", "--user", "ann", "--password", "the right one"],
  );
});
