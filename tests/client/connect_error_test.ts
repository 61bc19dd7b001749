import assert from "node:assert/strict";
import { abortFailure, ConnectError, connectFailure } from "../../src/client/connect_error.ts";

const MESSAGES: [string, string, string][] = [
  [
    "Connection refused (os error 111)",
    "refused",
    "connection refused; is a broker running there?",
  ],
  [
    "failed to lookup address information: Name or service not known",
    "host_not_found",
    "there is no host of this name; is it spelt right?",
  ],
  [
    "failed to lookup address information: Temporary failure in name resolution",
    "host_not_found",
    "the name cannot be looked up now; is the network up?",
  ],
  [
    "No route to host (os error 113)",
    "unreachable",
    "it cannot be reached; is it switched on, and in a network that this machine can reach?",
  ],
  [
    "Connection timed out (os error 110)",
    "timed_out",
    "no answer; is the address right, and does no firewall stand between?",
  ],
  [
    "bind EADDRNOTAVAIL 192.0.2.1",
    "failed",
    "the address to connect from is not one of this machine",
  ],
  ["something new", "failed", "something new"],
];

Deno.test("connectFailure() says in words what the platform says in its own", () => {
  for (const [message, kind, text] of MESSAGES) {
    const failure = connectFailure("b:1883", new Error(message));
    assert.deepEqual(
      [failure.kind, failure.message],
      [kind, `Cannot connect to b:1883: ${text}`],
    );
  }
});

Deno.test("connectFailure() speaks of sockets where there is no network", () => {
  const text = (message: string) => connectFailure("/b", new Error(message), true).message;
  assert.equal(
    text("Connection refused (os error 111)"),
    "Cannot connect to /b: nobody listens on this socket; is the broker running?",
  );
  assert.equal(
    text("Permission denied (os error 13)"),
    "Cannot connect to /b: permission denied; may this user connect to it?",
  );
});

Deno.test("connectFailure() keeps what is said already", () => {
  const said = new ConnectError("proxy", "said");
  assert.equal(connectFailure("b", said), said);
});

Deno.test("abortFailure() tells time that is up from giving up", () => {
  const timeout = new DOMException("late", "TimeoutError");
  assert.deepEqual(
    [timeout, new Error("x")].map((reason) => abortFailure("b", AbortSignal.abort(reason)).kind),
    ["timed_out", "failed"],
  );
});
