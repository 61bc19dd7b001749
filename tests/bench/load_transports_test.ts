/**
 * The load generator carries packets whole over every transport, in frames of every size, and the
 * attacker does what it says. With Mosquitto too, so that a mistake that broker and generator share
 * is seen.
 */

import assert from "node:assert/strict";
import { isInstalled, testWithPrograms } from "../support/programs.ts";
import { Attacker } from "./attacker.ts";
import { type BrokerKind, findMosquitto, ourBroker } from "./brokers.ts";
import { compilesWithTls } from "./compiled_program.ts";
import { LoadGenerator } from "./load.ts";
import { TRANSPORTS } from "./setup.ts";

/** The length of a WebSocket frame takes 7, 16 or 64 bits; the largest fills several TLS records. */
const LOADS = [
  "--pubs 2 --subs 3 --qos 0 --rate 2000",
  "--pubs 2 --subs 3 --qos 1 --size 400",
];
const LARGE = "--pubs 2 --subs 2 --qos 2 --rate 20 --size 70000";
/** Mosquitto 2.0.11 sends 4 KB a frame, and a frame every tenth of a second: this one is split. */
const SPLIT = "--pubs 2 --subs 2 --qos 2 --rate 20 --size 5000";

const login = { user: "ann", password: "the right one" };

/** What the system has to have; a header file counts as a program that is named by its package. */
const NEEDED = ["cc", ...(isInstalled("cc") && compilesWithTls() ? [] : ["libssl-dev"])];

async function losesNothing(kind: BrokerKind, loads: readonly string[]): Promise<void> {
  await using generator = await LoadGenerator.compile({ tls: true });
  for (const transport of TRANSPORTS) {
    await using broker = await kind.start({ transport, login });
    for (const load of loads) {
      const args = [...load.split(" "), "--secs", "0.3", "--drain", "0.5"];
      const { sent, missing, disconnects } = await generator.run(broker, args);
      assert.ok(sent > 0, `${transport}: ${load}`);
      assert.deepEqual({ missing, disconnects }, { missing: 0, disconnects: 0 }, transport);
    }
    const stranger = { ...broker, clientArgs: broker.clientArgs?.slice(0, -4) ?? [] };
    await assert.rejects(generator.run(stranger, ["--secs", "0.1"]), /connect refused/);
  }
}

/** Attacks until the broker has refused logins, and holds what it is asked to hold. */
async function attacks(kind: BrokerKind): Promise<void> {
  await using attacker = await Attacker.compile();
  await using tcp = await kind.start({ transport: "tcp", login });
  const loginArgs = "--attack logins --user ann --rate 50 --secs 1".split(" ");
  const logins = await attacker.start(tcp.port, loginArgs).result();
  assert.equal(logins.accepted, 0);
  assert.ok(logins.refused > 0);
  for (
    const [attack, transport] of [
      ["handshakes", "tls"],
      ["requests", "ws"],
      ["websockets", "ws"],
    ] as const
  ) {
    await using broker = await kind.start({ transport });
    const args = ["--attack", attack, "--count", "10", "--secs", "1"];
    const { started, held, answered } = await attacker.start(broker.port, args).result();
    const expected = { handshakes: 5, requests: 0, websockets: 10 }[attack];
    assert.deepEqual({ started, held, answered }, { started: 10, held: 10, answered: expected });
  }
}

if (Deno.build.os === "linux") {
  const theirs = await findMosquitto();
  for (const kind of theirs === undefined ? [ourBroker] : [ourBroker, theirs]) {
    testWithPrograms(
      NEEDED,
      `no message of the load generator is missing over any transport to ${kind.name}`,
      () => losesNothing(kind, [...LOADS, kind === ourBroker ? LARGE : SPLIT]),
    );
    testWithPrograms(
      NEEDED,
      `the attacker guesses passwords and holds connections of ${kind.name}`,
      () => attacks(kind),
    );
  }
}
