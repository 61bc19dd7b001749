/**
 * `broker bench` as a process, with the permissions that the executable has: against our broker and, where
 * it is installed, against Mosquitto.
 */

import assert from "node:assert/strict";
import { repositoryPath } from "../../build/paths.ts";
import { brokerCommand, runBroker, startBroker } from "../support/broker_process.ts";
import { OutputLines } from "../support/output_lines.ts";
import { testWithPrograms } from "../support/programs.ts";
import { MosquittoBroker } from "./mosquitto_broker.ts";

/** Small enough to be done at once. */
const SMALL = ["--warmup", "0s", "--count", "200", "--json"];

interface Figures {
  sent: number;
  completed: number;
  received: number;
  lost: number;
  duplicated: number;
  outOfOrder: number;
}

/** Runs a load and returns what came of its messages. */
async function run(...args: string[]): Promise<Figures> {
  const { code, stdout, stderr } = await runBroker(["bench", ...SMALL, ...args]);
  assert.equal(code, 0, stderr);
  const { sent, completed, received, lost, duplicated, outOfOrder } =
    JSON.parse(stdout).loads[0].outcome.figures;
  return { sent, completed, received, lost, duplicated, outOfOrder };
}

function perfect(received: number, completed = 0): Figures {
  return { sent: 200, completed, received, lost: 0, duplicated: 0, outOfOrder: 0 };
}

Deno.test("every message of a load on our broker is accounted for", async () => {
  await using broker = await startBroker();
  const at = ["-h", broker.hostname, "-p", String(broker.port)];
  assert.deepEqual(await run(...at, "one-to-one"), perfect(200));
  assert.deepEqual(await run(...at, "fan-out", "--subs", "20", "-V", "311"), perfect(4000));
  assert.deepEqual(await run(...at, "pairs", "--qos", "2", "--retain"), perfect(200, 200));
});

Deno.test("threads do their part in the process as it is shipped", async () => {
  await using broker = await startBroker();
  const at = ["-h", broker.hostname, "-p", String(broker.port)];
  assert.deepEqual(await run(...at, "every-to-every", "--threads", "2"), perfect(2000));
});

testWithPrograms(
  ["mosquitto"],
  "every message of a load on Mosquitto is accounted for",
  async () => {
    await using mosquitto = await MosquittoBroker.start(["allow_anonymous true"]);
    const { hostname, port } = new URL(mosquitto.url.replace(/^mqtt:/, "http:"));
    assert.deepEqual(await run("-h", hostname, "-p", port, "every-to-every"), perfect(2000));
    assert.deepEqual(await run("-h", hostname, "-p", port, "fan-in", "-q", "1"), perfect(200, 200));
  },
);

Deno.test({
  name: "standard input that is the broker's /proc/PID/stat gives its CPU time",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using broker = await startBroker();
    const [program, before] = brokerCommand();
    const args = [...before, "bench", ...SMALL, "one-to-one", "-p", String(broker.port)];
    const script = 'stat="$1"; shift; exec "$@" < "$stat"';
    const command = new Deno.Command("sh", {
      args: ["-c", script, "sh", `/proc/${broker.pid}/stat`, program, ...args],
      cwd: repositoryPath("."),
    });
    const { stdout } = await command.output();
    const { loads: [load], broker: told } = JSON.parse(new TextDecoder().decode(stdout));
    assert.equal(told.pid, broker.pid);
    assert.equal(load.outcome.usage.broker.pid, broker.pid);
  },
});

Deno.test({
  name: "SIGINT prints what was measured and ends with 130; nothing is drawn into a pipe",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using broker = await startBroker({ args: ["--verbose"] });
    const [program, before] = brokerCommand();
    const at = ["-p", String(broker.port), "latency", "--duration", "60s", "--warmup", "0s"];
    const child = new Deno.Command(program, {
      args: [...before, "bench", ...at],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = new OutputLines([child.stdout, child.stderr]);
    await broker.waitForLine(/PUBLISH .*bench/);
    child.kill("SIGINT");
    assert.equal((await child.status).code, 130);
    await output.ended;
    const text = output.lines.join("\n");
    assert.match(text, /\| latency \|/);
    assert.match(text, /- Stopped early/);
    assert.ok(!text.includes("\x1b"));
  },
});
