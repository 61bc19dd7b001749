/**
 * A process that has no file descriptors left: those who are connected go on, and new ones are
 * accepted again when some leave.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { brokerCommand } from "../support/broker_process.ts";
import { OutputLines } from "../support/output_lines.ts";
import type { Address } from "../support/packet_channel.ts";
import { connectPacket } from "../support/packets.ts";
import { QuickClient } from "./quick_client.ts";
import { Witness } from "./witness.ts";

/** The program itself needs some 25 of them. */
const DESCRIPTORS = 64;
const WATCHDOG_MS = 30_000;

interface FewDescriptors extends AsyncDisposable {
  readonly address: Address;
  readonly output: OutputLines;
}

/** The program on a free loopback port, with few file descriptors. */
async function startWithFewDescriptors(): Promise<FewDescriptors> {
  const folder = await Deno.makeTempDir({ prefix: "broker-test-" });
  await Deno.writeTextFile(
    `${folder}/broker.yaml`,
    "listeners:\n  - { address: 127.0.0.1, port: 0 }\n",
  );
  const [program, before] = brokerCommand();
  const script = `ulimit -n ${DESCRIPTORS}; exec "$@"`;
  const args = [program, ...before, "--config", `${folder}/broker.yaml`];
  const process = new Deno.Command("sh", {
    args: ["-c", script, "sh", ...args],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const output = new OutputLines([process.stdout, process.stderr]);
  const line = await output.waitFor(/Listening on \S+:\d+/, WATCHDOG_MS);
  const address: Address = {
    hostname: "127.0.0.1",
    port: Number(/Listening on \S+:(\d+)/.exec(line)?.[1]),
  };
  return {
    address,
    output,
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.status;
      await output.ended;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test({
  name: "a broker without free file descriptors serves its clients, and takes new ones later",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using broker = await startWithFewDescriptors();
    await using witness = await Witness.start(broker.address);
    const clients: QuickClient[] = [];
    // The kernel completes connections that the program cannot accept yet: no CONNACK comes.
    for (let count = 0; count < DESCRIPTORS; count++) {
      const client = await QuickClient.open(broker.address);
      await client.send(connectPacket(`c${count}`, 4));
      clients.push(client);
    }
    await broker.output.waitFor(/Cannot accept a connection on .*Too many open files/, WATCHDOG_MS);
    await witness.keepsHearing(20);

    // Each that leaves makes room for the one that has waited longest.
    for (const client of clients) {
      await client.next(PacketType.Connack);
      client.close();
    }
    await witness.stop();
    await using again = await Witness.start(broker.address);
    await again.stop();
    const reports = broker.output.lines.filter((line) => line.includes("Cannot accept"));
    assert.equal(reports.length, 1, "one line, however often it is tried");
  },
});
