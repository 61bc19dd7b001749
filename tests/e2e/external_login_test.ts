/**
 * Logins that others decide on, from end to end: MQTT.js with a JSON Web Token as its password, and
 * with a webhook on loopback that the broker asks.
 */

import assert from "node:assert/strict";
import { SECRET, sign } from "../access/jwt_fixture.ts";
import { newTestServer, testCa } from "../support/certificates.ts";
import { json, WebhookServer } from "../access/webhook_server.ts";
import { BrokerProcess, startBroker } from "../support/broker_process.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";

const LISTENER = "listeners:\n  - address: 127.0.0.1\n    port: 0\n";

/** Tokens are signed by the secret, and groups have rules. */
const WITH_TOKENS = `${LISTENER}authentication:
  jwt:
    key: ${SECRET}
    issuer: https://id.example
roles:
  - name: home
    groups: [home]
    allow: ["readwrite home/#"]
`;

function withWebhook(url: string): string {
  return `${LISTENER}authentication:
  http:
    url: ${url}
    authorization: Bearer s3cret
`;
}

/** The Reason Code that the broker refuses a login with; 0 when it does not. */
async function refusal(
  broker: BrokerProcess,
  username: string,
  password: string,
): Promise<unknown> {
  try {
    await using _client = await MqttJsClient.connect(broker, {
      protocolVersion: 5,
      username,
      password,
    });
    return 0;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

Deno.test("a token is a login, its groups have rights, and none of it is in the log", async () => {
  await using broker = await startBroker({ config: WITH_TOKENS, args: ["--verbose"] });
  const claims = { sub: "ann", iss: "https://id.example", groups: ["home"] };
  const token = await sign(claims);
  await using ann = await MqttJsClient.connect(broker, {
    protocolVersion: 5,
    username: "ann",
    password: token,
  });
  await ann.client.subscribeAsync("home/#", { qos: 1 });
  await ann.client.publishAsync("home/a", "1", { qos: 1 });
  assert.equal((await ann.nextPacket()).payload.toString(), "1");
  await assert.rejects(ann.client.publishAsync("office/a", "1", { qos: 1 }), { code: 0x87 });
  // The log has not every failure of one user and address, but the first ones.
  const cases: [string, string, RegExp?][] = [
    ["bob", token, /the User Name is not the one of the token/],
    ["ann", await sign({ ...claims, exp: 1 }), /the token has expired \(exp\)/],
    ["ann", await sign({ ...claims, iss: "x" })],
    ["ann", "secret"],
  ];
  for (const [username, password, cause] of cases) {
    assert.equal(await refusal(broker, username, password), 0x86);
    if (cause !== undefined) await broker.waitForLine(cause);
    assert.equal(broker.lines.some((line) => line.includes(password)), false);
  }
});

Deno.test("a webhook decides, and a client whose time is over is disconnected", async () => {
  await using server = new WebhookServer(({ body, headers }) => {
    if (headers.get("authorization") !== "Bearer s3cret") return json({}, 500);
    const { username, password } = JSON.parse(body) as Record<string, string>;
    if (password !== "right") return json({ result: "deny" });
    return json({ result: "allow", ...(username === "guest" ? { expires_in: 0.2 } : {}) });
  });
  await using broker = await startBroker({ config: withWebhook(server.url) });
  assert.equal(await refusal(broker, "ann", "right"), 0);
  assert.equal(await refusal(broker, "ann", "wrong"), 0x86);
  assert.match(await broker.waitForLine(/the webhook denied it/), /ann/);
  await using guest = await MqttJsClient.connect(broker, {
    protocolVersion: 5,
    username: "guest",
    password: "right",
  });
  await guest.event("close");
  assert.equal(broker.lines.some((line) => line.includes("s3cret")), false);
});

Deno.test("without a webhook that answers nobody gets in, and nobody is banned for it", async () => {
  const server = new WebhookServer(() => new Response("oops", { status: 500 }));
  await using broker = await startBroker({ config: withWebhook(server.url) });
  assert.equal(await refusal(broker, "ann", "right"), 0x89);
  await broker.waitForLine(/Cannot ask the webhook: it answered with status 500/);
  await server[Symbol.asyncDispose]();
  for (let time = 0; time < 12; time++) {
    assert.equal(await refusal(broker, "ann", "right"), 0x89);
  }
});

Deno.test("a webhook behind https with a CA of one's own is asked when the CA is named", async () => {
  const ca = await testCa();
  const { certificate, key } = await newTestServer();
  await using server = new WebhookServer(() => json({ result: "allow" }), { certificate, key });
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, ca.certificate);
    await using stranger = await startBroker({ config: withWebhook(server.url) });
    assert.equal(await refusal(stranger, "ann", "right"), 0x89);
    const config = withWebhook(server.url).replace("  http:\n", `  http:\n    ca: ${path}\n`);
    await using broker = await startBroker({ config });
    assert.equal(await refusal(broker, "ann", "right"), 0);
  } finally {
    await Deno.remove(path);
  }
});
