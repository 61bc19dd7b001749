import assert from "node:assert/strict";
import type { ClientAccess, ClientIdentity } from "../../src/broker/access.ts";
import { Core } from "../support/core.ts";
import { ANONYMOUS } from "../support/fake_client.ts";

const NOTHING: ClientAccess = {
  mayPublish: () => undefined,
  mayReceive: () => false,
  maySubscribe: () => undefined,
};

/** A broker that notes down whom it asks about. */
function withAsked(): { core: Core; asked: ClientIdentity[] } {
  const core = new Core();
  const asked: ClientIdentity[] = [];
  core.broker.setAccess({
    accessOf(_clientIdentifier, identity) {
      asked.push(identity);
      return NOTHING;
    },
  });
  return { core, asked };
}

Deno.test("access is worked out when it is first asked for, once", () => {
  const { core, asked } = withAsked();
  const session = core.broker.createSession("s", ANONYMOUS);
  assert.deepEqual(asked, []);
  assert.equal(session.access, NOTHING);
  assert.equal(session.access, NOTHING);
  assert.deepEqual(asked, [ANONYMOUS]);
});

Deno.test("access is worked out again for another identity, and for other rules", () => {
  const { core, asked } = withAsked();
  const session = core.broker.createSession("s", ANONYMOUS);
  session.access.mayReceive("t");
  const ann = { ...ANONYMOUS, username: "ann" };
  session.identity = ann;
  session.access.mayReceive("t");
  core.broker.setAccess(core.broker.access);
  session.access.mayReceive("t");
  assert.deepEqual(asked, [ANONYMOUS, ann, ann]);
  assert.equal(session.username, "ann");
});

Deno.test("problemInformation() is there for a client that wants it", () => {
  const session = new Core().broker.createSession("s", ANONYMOUS);
  assert.deepEqual(session.problemInformation("why"), { reasonString: "why" });
  session.wantsProblemInformation = false;
  assert.deepEqual(session.problemInformation("why"), {});
});
