import assert from "node:assert/strict";
import { BenchLive, type Progress } from "../../src/cli/bench_live.ts";

/** A terminal that keeps what was drawn. */
function surface(more: { isTerminal?: boolean; hasColor?: boolean; columns?: number } = {}) {
  const drawn: string[] = [];
  return {
    drawn,
    err: (text: string) => void drawn.push(text),
    isTerminal: more.isTerminal ?? true,
    hasColor: more.hasColor ?? false,
    columns: () => more.columns ?? 120,
  };
}

function measuring(elapsedMs: number, sent: number, received: number): Progress {
  return { stage: "measuring", connected: 2, elapsedMs, sent, received };
}

const USAGE = { cpuSeconds: 10, rssBytes: 5e6, peakRssBytes: 6e6 };

Deno.test("rates are those since the line was drawn last", () => {
  const terminal = surface();
  let ms = 0;
  const live = new BenchLive(terminal, () => ms);
  live.draw("pairs", { ...measuring(100, 0, 0), stage: "connecting" }, undefined);
  live.draw("pairs", measuring(500, 1000, 500), USAGE);
  ms = 250;
  live.draw("pairs", measuring(750, 2000, 750), { ...USAGE, cpuSeconds: 10.2 });
  live.erase();
  assert.deepEqual(terminal.drawn, [
    "\rpairs  connecting 0.1 s   2 connected\x1b[K",
    "\rpairs  measuring 0.5 s   in 2,000/s   out 1,000/s   broker 0.00 CPU, 5.0 MB\x1b[K",
    "\rpairs  measuring 0.8 s   in 4,000/s   out 1,000/s   broker 0.80 CPU, 5.0 MB\x1b[K",
    "\r\x1b[K",
  ]);
});

Deno.test("the line fits the terminal, and has colours only where they are wanted", () => {
  const narrow = surface({ columns: 24 });
  new BenchLive(narrow).draw("pairs", measuring(500, 1, 1), undefined);
  assert.deepEqual(narrow.drawn, ["\rpairs  measuring 0.5 s \x1b[K"]);
  const colored = surface({ hasColor: true });
  const progress: Progress = { stage: "holding", connected: 1000, elapsedMs: 1000 };
  new BenchLive(colored).draw("x", progress, undefined);
  assert.deepEqual(colored.drawn, ["\r\x1b[1mx\x1b[0m  holding 1.0 s   1,000 connected\x1b[K"]);
});

Deno.test("where there is no terminal nothing is drawn", async () => {
  const terminal = surface({ isTerminal: false });
  const live = new BenchLive(terminal);
  live.start("x", () => measuring(1, 1, 1), () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 0));
  live.erase();
  assert.deepEqual(terminal.drawn, []);
});
