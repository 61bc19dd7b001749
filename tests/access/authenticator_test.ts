/**
 * Who is let in: the order of the methods, the policy for anonymous clients, and certificates.
 */

import assert from "node:assert/strict";
import { Authenticator, type Decision } from "../../src/access/authenticator.ts";
import type {
  ClientCertificate,
  LoginMethod,
  LoginOrigin,
  MethodAnswer,
} from "../../src/access/login_method.ts";
import { loginOrigin, loginRequest } from "./login_request.ts";

const LOOPBACK = "127.0.0.1";
const FOREIGN = "203.0.113.10";
const UNIX_SOCKET = "";

const LAMP: ClientCertificate = {
  commonName: "lamp",
  subject: "CN=lamp,O=home",
  subjectAltNames: ["DNS:lamp.home"],
};

/** A method that answers the same to everybody, and counts how often it was asked. */
class FixedMethod implements LoginMethod {
  asked = 0;
  pretended = 0;
  readonly name: string;
  readonly #answer: MethodAnswer | Error;
  readonly #pretence: "done" | "busy";

  constructor(name: string, answer: MethodAnswer | Error, pretence: "done" | "busy" = "done") {
    this.name = name;
    this.#answer = answer;
    this.#pretence = pretence;
  }

  check(): MethodAnswer {
    this.asked++;
    if (this.#answer instanceof Error) throw this.#answer;
    return this.#answer;
  }

  pretend(): Promise<"done" | "busy"> {
    this.pretended++;
    return Promise.resolve(this.#pretence);
  }
}

const PROVEN = { kind: "proven", username: "ann", groups: ["family"] } as const;
const UNKNOWN = { kind: "unknown", cause: "unknown user" } as const;
const REFUSED = { kind: "refused", cause: "wrong password" } as const;

function kindOf(decision: Decision): string {
  return decision.kind === "accepted" ? `accepted ${decision.username}` : decision.kind;
}

/** What comes of a client without a name where nothing proves any. */
async function anonymous(allowAnonymous: string, address: string): Promise<Decision> {
  const policy = allowAnonymous as "never" | "local_network" | "always";
  const origin = loginOrigin({ allowAnonymous: policy }, { address });
  return await new Authenticator().decide(loginRequest(undefined, undefined, origin));
}

Deno.test("Authenticator lets in whom allow_anonymous of the listener names", async () => {
  const table: [string, string, boolean][] = [
    ["always", LOOPBACK, true],
    ["always", FOREIGN, true],
    ["always", UNIX_SOCKET, true],
    ["local_network", LOOPBACK, true],
    ["local_network", FOREIGN, false],
    ["local_network", UNIX_SOCKET, true],
    ["never", LOOPBACK, false],
    ["never", FOREIGN, false],
    ["never", UNIX_SOCKET, false],
  ];
  for (const [policy, address, isWelcome] of table) {
    const decision = await anonymous(policy, address);
    const expected = isWelcome ? "accepted undefined" : "rejected";
    assert.equal(kindOf(decision), expected, `${policy} ${address}`);
  }
});

Deno.test("Authenticator tells the log what to change for an anonymous client", async () => {
  const cause = async (policy: string, methods: LoginMethod[]) => {
    const origin = loginOrigin({ allowAnonymous: policy as "never" | "local_network" });
    const request = loginRequest(undefined, undefined, origin);
    const decision = await new Authenticator(methods).decide(request);
    assert(decision.kind === "rejected" && !decision.hadCredentials);
    return decision.cause;
  };
  assert.match(await cause("local_network", []), /'allow_anonymous: always' in broker\.yaml/);
  assert.match(await cause("never", []), /no users are configured: add some under 'users:'/);
  assert.match(
    await cause("never", [new FixedMethod("users", PROVEN)]),
    /give the client a user name and a password/,
  );
});

Deno.test("Authenticator proves no name where nothing is configured, and passes it on for the log", async () => {
  const origin = loginOrigin({ allowAnonymous: "always" });
  assert.deepEqual(await new Authenticator().decide(loginRequest("bob", "x", origin)), {
    kind: "accepted",
    username: undefined,
    groups: [],
    unprovenUsername: "bob",
  });
});

Deno.test("Authenticator asks one method after the other until one knows the client", async () => {
  const methods = [
    new FixedMethod("jwt", { kind: "unknown", cause: "no token" }),
    new FixedMethod("users", PROVEN),
    new FixedMethod("http", REFUSED),
  ];
  const decision = await new Authenticator(methods).decide(loginRequest("ann", "secret"));
  assert.deepEqual(decision, {
    kind: "accepted",
    username: "ann",
    groups: ["family"],
    validForMs: undefined,
  });
  assert.deepEqual(methods.map(({ asked }) => asked), [1, 1, 0]);
});

Deno.test("Authenticator takes the first yes or no as final", async () => {
  const methods = [new FixedMethod("users", REFUSED), new FixedMethod("http", PROVEN)];
  const decision = await new Authenticator(methods).decide(loginRequest("ann", "wrong"));
  assert.deepEqual(decision, { kind: "rejected", cause: "wrong password", hadCredentials: true });
  assert.deepEqual(methods.map(({ pretended }) => pretended), [0, 0]);
});

Deno.test("Authenticator refuses whom nobody knows, and never as anonymous", async () => {
  const users = new FixedMethod("users", UNKNOWN);
  const origin = loginOrigin({ allowAnonymous: "always" });
  const one = await new Authenticator([users]).decide(loginRequest("bob", "x", origin));
  assert.deepEqual(one, { kind: "rejected", cause: "unknown user", hadCredentials: true });
  const http = new FixedMethod("http", { kind: "unknown", cause: "404" });
  const two = await new Authenticator([users, http]).decide(loginRequest("bob", "x", origin));
  assert.equal(two.kind === "rejected" && two.cause, "users: unknown user; http: 404");
});

Deno.test("Authenticator lets every method pretend for whom nobody knows, and is as busy then", async () => {
  const quick = new FixedMethod("users", UNKNOWN);
  await new Authenticator([quick]).decide(loginRequest("bob", "x"));
  assert.equal(quick.pretended, 1);
  const busy = new FixedMethod("users", UNKNOWN, "busy");
  const decision = await new Authenticator([busy]).decide(loginRequest("bob", "x"));
  assert.equal(decision.kind, "undecided");
});

Deno.test("Authenticator lets those who did not know the user pretend when a later method refuses it", async () => {
  const methods = [
    new FixedMethod("jwt", UNKNOWN),
    new FixedMethod("users", UNKNOWN),
    new FixedMethod("http", REFUSED),
  ];
  const decision = await new Authenticator(methods).decide(loginRequest("bob", "x"));
  assert.deepEqual(decision, { kind: "rejected", cause: "wrong password", hadCredentials: true });
  assert.deepEqual(methods.map(({ pretended }) => pretended), [1, 1, 0]);
  const busy = [new FixedMethod("users", UNKNOWN, "busy"), new FixedMethod("http", REFUSED)];
  const undecided = await new Authenticator(busy).decide(loginRequest("bob", "x"));
  assert.equal(undecided.kind, "undecided");
});

Deno.test("Authenticator lets nobody in by a method that fails, and does not ask the next", async () => {
  const methods = [
    new FixedMethod("http", new Error("connection refused")),
    new FixedMethod("users", PROVEN),
  ];
  const decision = await new Authenticator(methods).decide(loginRequest("ann", "secret"));
  assert.deepEqual(decision, { kind: "undecided", cause: "http: connection refused" });
  assert.equal(methods[1]?.asked, 0);
});

Deno.test("Authenticator takes the name of a verified certificate, whatever User Name comes with it", async () => {
  const users = new FixedMethod("users", REFUSED);
  const decide = async (identity: "none" | "common_name", origin: Partial<LoginOrigin>) => {
    const from = loginOrigin({ tls: { identity } }, { certificate: LAMP, ...origin });
    return kindOf(await new Authenticator([users]).decide(loginRequest("ann", "wrong", from)));
  };
  assert.equal(await decide("common_name", {}), "accepted lamp");
  assert.equal(users.asked, 0);
  assert.equal(await decide("none", {}), "rejected");
  assert.equal(await decide("common_name", { certificate: undefined }), "rejected");
});

Deno.test("Authenticator refuses a certificate without the name that the listener wants", async () => {
  const certificate = { ...LAMP, commonName: undefined };
  const listener = { tls: { identity: "common_name" }, allowAnonymous: "always" } as const;
  const origin = loginOrigin(listener, { certificate });
  const decision = await new Authenticator().decide(loginRequest(undefined, undefined, origin));
  assert.deepEqual(decision, {
    kind: "rejected",
    cause: "its certificate has no common name",
    hadCredentials: true,
  });
});

Deno.test("Authenticator starts an exchange of the Authentication Method that was named, exactly", () => {
  const exchange = { next: () => ({ kind: "refused", cause: "no" }) as const };
  const scram = { name: "SCRAM-SHA-256", start: () => exchange };
  const authenticator = new Authenticator([], [scram]);
  const start = (name: string) => authenticator.startExchange(name, loginRequest("ann", undefined));
  assert.equal(start("SCRAM-SHA-256"), exchange);
  assert.deepEqual([start("scram-sha-256"), start("")], [undefined, undefined]);
});
