/**
 * Both families of tools with both brokers: what goes through a session, a retained message or a
 * refusal must come out the same, whichever tool and broker it goes through.
 *
 * Every scenario is a list of runs, one after the other; it has a topic of its own.
 */

import assert from "node:assert/strict";
import { MosquittoBroker } from "../e2e/mosquitto_broker.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { isInstalled } from "../support/programs.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { installedVersion } from "./mosquitto_version.ts";
import type { Tool } from "./row.ts";
import { latin1, runTool, type Side } from "./run_tool.ts";

interface Run {
  readonly tool: Tool;
  /** `{topic}` and `{id}` are put in; words between blanks. */
  readonly args: string;
  readonly input?: string | Uint8Array;
  readonly code?: number;
  readonly stdout?: string;
}

const pub = (args: string, more: Partial<Run> = {}): Run => ({ tool: "pub", args, ...more });
const sub = (args: string, stdout: string, more: Partial<Run> = {}): Run => ({
  tool: "sub",
  args,
  stdout,
  ...more,
});

const SESSION = "-V 5 -i {id} -c -x 60 -q 1";
const LINES = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join("");
const BINARY = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256);

const SCENARIOS: Readonly<Record<string, readonly Run[]>> = {
  "a retained message comes, and goes": [
    pub("-t {topic} -m 21.5 -r -q 1"),
    sub("-t {topic} -C 1 -F %t|%p|%r|%q -q 2", "{topic}|21.5|1|1\n"),
    sub("-t {topic} --remove-retained -W 1 -v", "{topic} 21.5\n{topic} (null)\n", { code: 27 }),
    pub("-t {topic}/end -m end -r -q 1"),
    sub("-t {topic} -t {topic}/end -C 1", "end\n"),
  ],
  "a session is a queue that is taken from one by one": [
    sub(`-t {topic} ${SESSION} -E`, ""),
    pub("-t {topic} -q 1 -l", { input: "1\n2\n3\n" }),
    sub(`-t {topic} ${SESSION} -C 1`, "1\n"),
    sub(`-t {topic} ${SESSION} -C 1`, "2\n"),
    sub(`-t {topic} ${SESSION} -C 1`, "3\n"),
  ],
  "500 lines of standard input come in order with QoS 2": [
    sub(`-t {topic} -V 311 -i {id} -c -q 2 -E`, ""),
    pub("-t {topic} -q 2 -l", { input: LINES }),
    sub(`-t {topic} -V 311 -i {id} -c -q 2 -C 500`, LINES),
  ],
  "100,000 bytes come as they were": [
    pub("-t {topic} -r -s -q 1", { input: BINARY }),
    sub("-t {topic} -C 1 -N", latin1(BINARY)),
  ],
  "properties come with the message": [
    pub(
      "-t {topic} -m m -r -D publish content-type text/plain -D publish user-property a 1 " +
        "-D publish user-property a 2 -D publish response-topic r -D publish correlation-data c",
    ),
    sub(
      "-V 5 -t {topic} -C 1 -F %C|%P|%R|%D|%S -D subscribe subscription-identifier 7",
      "text/plain|a:1 a:2|r|c|7\n",
    ),
  ],
  "what was unsubscribed from does not come": [
    sub(`-t {topic}/1 -t {topic}/2 ${SESSION} -E`, ""),
    sub(`-t {topic}/2 -U {topic}/1 ${SESSION} -E`, ""),
    pub("-t {topic}/1 -m 1 -q 1"),
    pub("-t {topic}/2 -m 2 -q 1"),
    sub(`-t {topic}/2 ${SESSION} -C 1 -v`, "{topic}/2 2\n"),
  ],
  "a request comes back as a response": [
    { tool: "rr", args: "-t {topic} -e {topic} -m hello -v", stdout: "{topic} hello\n" },
  ],
};

/** From a broker that takes nobody. */
const REFUSALS: readonly Run[] = [
  pub("-V 31 -t t -m m", { code: 5 }),
  pub("-V 311 -t t -m m", { code: 5 }),
  pub("-V 5 -t t -m m", { code: 135 }),
  sub("-V 5 -t t -C 1", "", { code: 135 }),
  { tool: "rr", args: "-V 5 -t t -e r -m m", code: 135 },
];

interface Broker extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
}

/** The environment of the tools is made for other systems. */
const isWindows = Deno.build.os === "windows";
const hasMosquitto = isInstalled("mosquitto");
const version = installedVersion();
const sides: readonly Side[] = version === undefined ? ["ours"] : ["mosquitto", "ours"];

async function startBrokers(takesAnybody: boolean): Promise<Broker[]> {
  const listener = { allowAnonymous: takesAnybody ? "always" : "never" } as const;
  const ours = await startTestBroker({ listener });
  const brokers: Broker[] = [{
    name: "our broker",
    port: ours.port,
    [Symbol.asyncDispose]: () => ours[Symbol.asyncDispose](),
  }];
  if (!hasMosquitto) return brokers;
  const theirs = await MosquittoBroker.start([`allow_anonymous ${takesAnybody}`]);
  brokers.push({
    name: "Mosquitto",
    port: Number(new URL(theirs.url).port),
    [Symbol.asyncDispose]: () => theirs[Symbol.asyncDispose](),
  });
  return brokers;
}

async function runAll(
  side: Side,
  broker: Broker,
  runs: readonly Run[],
  name: string,
): Promise<void> {
  using folder = temporaryFolder();
  const fill = (text: string) => text.replaceAll("{topic}", name).replaceAll("{id}", name);
  for (const { tool, args, input, code = 0, stdout } of runs) {
    const server = ["-h", "127.0.0.1", "-p", String(broker.port)];
    const words = [...server, ...fill(args).split(" ")];
    const finished = await runTool(side, tool, words, { folder: folder.path, input });
    const told = `${tool} ${args} ended with ${finished.code}: ${finished.stderr}`;
    assert.equal(finished.code, code, told);
    if (stdout !== undefined) assert.equal(finished.stdout, fill(stdout), told);
  }
}

const open = await startBrokers(true);
const closed = await startBrokers(false);
Deno.test.afterAll(async () => {
  for (const broker of [...open, ...closed]) await broker[Symbol.asyncDispose]();
});

for (const side of sides) {
  const tools = side === "ours" ? "our tools" : `the tools of Mosquitto ${version}`;
  for (const [index, broker] of open.entries()) {
    for (const [at, [scenario, runs]] of Object.entries(SCENARIOS).entries()) {
      Deno.test({
        name: `${tools} and ${broker.name}: ${scenario}`,
        ignore: isWindows,
        fn: () => runAll(side, broker, runs, `${side}-${index}-${at}`),
      });
    }
    Deno.test({
      name: `${tools} and ${broker.name}: the exit code says who was refused`,
      ignore: isWindows,
      fn: () => runAll(side, closed[index] as Broker, REFUSALS, "refused"),
    });
  }
}
