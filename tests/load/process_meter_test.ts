import assert from "node:assert/strict";
import { ProcessMeter, ProcessUnknown } from "../../src/load/process_meter.ts";
import { temporaryFolder } from "../storage/fixture.ts";

const isLinux = Deno.build.os === "linux";

Deno.test({
  name: "the process that listens at a port is found and measured",
  ignore: !isLinux,
  fn: () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const meter = ProcessMeter.find({ port: listener.addr.port });
    assert.equal(meter.pid, Deno.pid);
    const usage = meter.read();
    assert.ok(usage !== undefined && usage.cpuSeconds > 0);
    assert.ok((usage.rssBytes ?? 0) > 1e6 && (usage.peakRssBytes ?? 0) >= (usage.rssBytes ?? 0));
  },
});

Deno.test({
  name: "the process that listens at a Unix socket is found",
  ignore: !isLinux,
  fn: () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/b.sock`;
    using _listener = Deno.listen({ transport: "unix", path });
    assert.equal(ProcessMeter.find({ unixPath: path }).pid, Deno.pid);
  },
});

Deno.test({
  name: "where nobody listens, and where there is no such process, the reason is told",
  ignore: !isLinux,
  fn: () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    assert.throws(() => ProcessMeter.find({ port }), /^ProcessUnknown: nothing listens there/);
    assert.throws(() => ProcessMeter.open(2 ** 30), /does not exist/);
  },
});

Deno.test("a process of another user is told from one that is not there", () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/net`);
  Deno.mkdirSync(`${folder.path}/77/fd`, { recursive: true });
  const row = "0: 0100007F:0050 00000000:0000 0A 0:0 0:0 0 0 0 999 1";
  for (const name of ["tcp", "tcp6"]) {
    Deno.writeTextFileSync(`${folder.path}/net/${name}`, `head\n${row}\n`);
  }
  assert.throws(() => ProcessMeter.find({ port: 80 }, folder.path), (error) => {
    assert.ok(error instanceof ProcessUnknown);
    assert.match(error.message, /another user's: run this as root/);
    return true;
  });
});

Deno.test("a process that has ended has no figures", () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/5`);
  const stat = "5 (x) S 1 1 1 0 -1 0 0 0 0 0 100 0 0 0 20 0 1 0 1 4096 1 1\n";
  Deno.writeTextFileSync(`${folder.path}/5/stat`, stat);
  const status = "VmHWM:\t 8 kB\nVmRSS:\t 4 kB\n";
  Deno.writeTextFileSync(`${folder.path}/5/status`, status);
  const meter = ProcessMeter.open(5, folder.path);
  assert.deepEqual(meter.read(), { cpuSeconds: 1, rssBytes: 4096, peakRssBytes: 8192 });
  Deno.removeSync(`${folder.path}/5/status`);
  assert.equal(meter.read(), undefined);
});

/** Standard input that is read anew each time; undefined: it cannot be. */
function input(texts: (string | undefined)[], isTerminal = false) {
  return {
    isTerminal: () => isTerminal,
    readStart(): string {
      const text = texts.shift();
      if (text === undefined) throw new Error("Illegal seek");
      return text;
    },
  };
}

Deno.test("standard input may be the stat of the broker's process", () => {
  const stat = (ticks: number, pages: number): string =>
    `5 (my broker) S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 1 20480 ${pages} 1\n`;
  const meter = ProcessMeter.fromInput(
    input([stat(1, 1), stat(100, 9), stat(200, 4), "", undefined]),
  );
  assert.deepEqual([meter?.pid, meter?.program], [5, "my broker"]);
  assert.deepEqual([meter?.read(), meter?.read(), meter?.read(), meter?.read()], [
    { cpuSeconds: 1, rssBytes: 36_864, peakRssBytes: 36_864 },
    { cpuSeconds: 2, rssBytes: 16_384, peakRssBytes: 36_864 },
    undefined,
    undefined,
  ]);
});

Deno.test("any other standard input is left alone", () => {
  assert.equal(ProcessMeter.fromInput(input([undefined])), undefined);
  assert.equal(ProcessMeter.fromInput(input(["a message\n"])), undefined);
  assert.equal(ProcessMeter.fromInput(input([], true)), undefined);
});
