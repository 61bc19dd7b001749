/**
 * Who may stay after a reload.
 */

import assert from "node:assert/strict";
import type { ClientCertificate } from "../../src/access/login_method.ts";
import { defaultSettings } from "../../src/config/read.ts";
import type { ConnectionOrigin } from "../../src/net/origin.ts";
import {
  type JudgingListener,
  type Proofs,
  refusalNow,
  secretsByUser,
} from "../../src/net/rejudge.ts";
import { testOrigin } from "./login_fixture.ts";

const NOBODY: Proofs = { before: new Map(), now: new Map(), others: "none" };

const TLS = {
  certificate: "server.pem",
  key: "key.pem",
  minVersion: "1.2",
  clientCa: "ca.pem",
  clientCertificate: "none",
  identity: "none",
  crl: undefined,
} as const;

const ANN: ClientCertificate = { commonName: "ann", subject: "CN=ann", subjectAltNames: [] };

interface Case {
  readonly username?: string;
  readonly clientIdentifier?: string;
  readonly address?: string;
  /** What differs now; anonymous clients are welcome unless it says otherwise. */
  readonly now?: Partial<JudgingListener>;
  readonly origin?: Partial<ConnectionOrigin>;
  /** The listener of before. */
  readonly before?: Partial<JudgingListener>;
  readonly proofs?: Partial<Proofs>;
}

function judge({ username, clientIdentifier = "lamp", now, before, ...more }: Case) {
  const origin = testOrigin(before, more.origin);
  const address = more.address ?? origin.address;
  const identity = { username, groups: [], listener: "garden", address };
  return refusalNow(
    { session: { clientIdentifier, protocolVersion: 5, identity }, origin },
    { name: "garden", allowAnonymous: "always", ...now },
    { ...NOBODY, ...more.proofs },
  );
}

function proofs(
  before: Record<string, string>,
  now: Record<string, string>,
  others: Proofs["others"] = "none",
) {
  return {
    before: new Map(Object.entries(before)),
    now: new Map(Object.entries(now)),
    others,
  };
}

Deno.test("refusalNow() lets a client stay for whom nothing has changed", () => {
  assert.equal(judge({}), undefined);
  assert.equal(judge({ username: "ann", proofs: proofs({ ann: "1" }, { ann: "1" }) }), undefined);
});

Deno.test("refusalNow() sends away who has not logged in yet", () => {
  const listener = { name: "garden", allowAnonymous: "always" } as const;
  assert.equal(
    refusalNow({ session: undefined, origin: testOrigin() }, listener, NOBODY),
    "it had not logged in yet when the configuration changed",
  );
});

Deno.test("refusalNow() judges users by their passwords", () => {
  const judgeAnn = (given: Proofs) => judge({ username: "ann", proofs: given });
  assert.equal(
    judgeAnn(proofs({ ann: "1" }, { ann: "2" })),
    "the password of user 'ann' has changed",
  );
  assert.equal(judgeAnn(proofs({ ann: "1" }, {})), "there is no user 'ann' any more");
  assert.equal(judgeAnn(proofs({ ann: "1" }, {}, "same")), "there is no user 'ann' any more");
  // A token or a webhook has proven the name, as long as there are any.
  assert.equal(judgeAnn(proofs({}, {}, "same")), undefined);
  assert.equal(
    judgeAnn(proofs({}, {}, "changed")),
    "logins by token or webhook are configured anew",
  );
  assert.equal(judgeAnn(proofs({}, {})), "there is no user 'ann' any more");
  assert.equal(judgeAnn(proofs({}, { ann: "1" }, "changed")), undefined);
});

Deno.test("refusalNow() judges anonymous clients by their listener and their address", () => {
  const policy = (allowAnonymous: JudgingListener["allowAnonymous"], address: string) =>
    judge({ address, now: { allowAnonymous } });
  assert.equal(policy("always", "203.0.113.7"), undefined);
  assert.equal(policy("local_network", "192.168.1.7"), undefined);
  assert.equal(policy("local_network", ""), undefined);
  assert.equal(
    policy("local_network", "203.0.113.7"),
    "its listener has 'allow_anonymous: local_network' now",
  );
  assert.equal(policy("never", "127.0.0.1"), "its listener has 'allow_anonymous: never' now");
});

Deno.test("refusalNow() judges what the listener demands of the client", () => {
  const now = (terms: Partial<JudgingListener>, username?: string) =>
    judge({ now: terms, ...(username === undefined ? {} : { username }) });
  assert.equal(
    now({ protocolVersions: ["3.1.1"] }),
    "its listener does not speak MQTT 5 any more",
  );
  assert.equal(now({ protocolVersions: ["5"] }), undefined);
  assert.match(now({ clientidPrefixes: ["tv-"] }) ?? "", /clientid_prefixes/);
  assert.equal(now({ clientidPrefixes: ["la"] }), undefined);
  assert.match(now({ useUsernameAsClientid: true }) ?? "", /gives no user name/);
  const named = { useUsernameAsClientid: true };
  assert.equal(now(named, "ann"), "its listener has use_username_as_clientid now");
  const same = proofs({ lamp: "1" }, { lamp: "1" });
  assert.equal(judge({ username: "lamp", now: named, proofs: same }), undefined);
});

Deno.test("refusalNow() sends away who came without what the transport demands now", () => {
  assert.equal(judge({ now: { mountPoint: "up/" } }), "its listener has another mount_point now");
  assert.equal(judge({ before: { mountPoint: "up/" }, now: { mountPoint: "up/" } }), undefined);
  assert.equal(judge({ now: { tls: TLS } }), "its listener speaks TLS only now");
  const encrypted = { isEncrypted: true };
  assert.equal(judge({ now: { tls: TLS }, origin: encrypted }), undefined);
  assert.equal(judge({ origin: encrypted }), undefined);
  const requiring = { tls: { ...TLS, clientCertificate: "require" } } as const;
  assert.equal(
    judge({ now: requiring, origin: encrypted }),
    "its listener requires a client certificate now",
  );
  const certified = { ...encrypted, certificate: ANN };
  assert.equal(judge({ before: { tls: TLS }, now: requiring, origin: certified }), undefined);
  assert.equal(
    judge({ before: { tls: { ...TLS, clientCa: "old.pem" } }, now: requiring, origin: certified }),
    "its listener has another client_ca now",
  );
});

Deno.test("refusalNow() judges user names from certificates by what the listener takes of them now", () => {
  const origin = { isEncrypted: true, certificate: ANN };
  const none = { tls: TLS };
  const commonName = { tls: { ...TLS, identity: "common_name" } } as const;
  const subject = { tls: { ...TLS, identity: "subject" } } as const;
  const judgeAnn = (before: Partial<JudgingListener>, now: Partial<JudgingListener>) =>
    judge({ username: "ann", before, now, origin });
  assert.equal(judgeAnn(commonName, commonName), undefined);
  assert.equal(
    judgeAnn(commonName, subject),
    "its certificate is that of user 'CN=ann' for its listener now",
  );
  assert.equal(
    judgeAnn(commonName, none),
    "its listener does not take user names from certificates any more",
  );
  assert.equal(
    judge({ before: none, now: commonName, origin }),
    "its certificate is that of user 'ann' for its listener now",
  );
});

Deno.test("secretsByUser() has passwords and SCRAM verifiers of a user in one text", () => {
  const { users } = defaultSettings();
  const [ann, bob] = ["ann", "bob"].map((name) => ({
    name,
    password: undefined,
    scram: `verifier of ${name}`,
    groups: [],
  }));
  assert(ann !== undefined && bob !== undefined);
  const hashes = new Map([["ann", "hash"], ["cal", "hash"]]);
  assert.deepEqual(secretsByUser({ users }, { hashes }), hashes);
  assert.deepEqual([...secretsByUser({ users: [ann, bob] }, { hashes })], [
    ["ann", "hash verifier of ann"],
    ["cal", "hash"],
    ["bob", " verifier of bob"],
  ]);
});
