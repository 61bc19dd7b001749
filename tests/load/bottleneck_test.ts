import assert from "node:assert/strict";
import { type Evidence, judge, type Limit } from "../../src/load/bottleneck.ts";
import type { MessageFigures } from "../../src/load/load_result.ts";
import type { BrokerUsage, Usage } from "../../src/load/usage_watch.ts";

const QUANTILES = { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };

const FIGURES: MessageFigures = {
  sendSeconds: 1,
  deliverySeconds: 1,
  sent: 1000,
  sentPerSecond: 1000,
  completed: 0,
  refused: 0,
  unsent: 0,
  expected: 1000,
  received: 1000,
  receivedPerSecond: 1000,
  lost: 0,
  duplicated: 0,
  outOfOrder: 0,
  latencyUs: QUANTILES,
  latenessUs: QUANTILES,
  ended: 0,
  endings: [],
};

/** `broker`: processors that it used; of a known process unless `isGuess`. */
function usage(generator: number, broker: number | undefined, more: Partial<Usage> = {}): Usage {
  return {
    broker: broker === undefined ? undefined : brokerUsage(broker, 17),
    brokerUnknown: undefined,
    generatorProcessors: generator,
    generatorCpuSeconds: generator,
    otherProcessors: 0,
    processors: 4,
    ...more,
  };
}

function brokerUsage(processors: number, pid: number | undefined): BrokerUsage {
  return {
    pid,
    program: "broker",
    cpuSeconds: processors,
    processors,
    rssBytes: 1,
    peakRssBytes: 1,
  };
}

function evidence(more: Partial<Evidence>): Evidence {
  return { figures: FIGURES, usage: usage(0.1, 0.1), threads: 1, qos: 0, rate: 0, ...more };
}

Deno.test("who uses all of a processor is the limit", () => {
  const cases: [Partial<Evidence>, Limit, RegExp][] = [
    [{ usage: usage(0.4, 0.98) }, "broker", /^The broker was the limit: the generator used 0\.40/],
    [{ usage: usage(1, 0.5) }, "generator", /not the broker.*try --threads 2\.$/],
    [{ usage: usage(1, 0.5, { processors: 2 }) }, "generator", /from another machine/],
    [{ usage: usage(1, 0.99) }, "both", /more --threads/],
    [{ usage: usage(1, 0.99, { processors: 2 }) }, "both", /They share 2 processors/],
    [{ usage: usage(0.5, 0.5) }, "neither", /waiting, for the network/],
    [{ usage: usage(0.5, 0.5), qos: 1 }, "neither", /for acknowledgements, and the disk/],
    [{ usage: usage(1.2, 0.5), threads: 2 }, "neither", /^Neither/],
    [{ usage: usage(1.8, 0.5), threads: 2 }, "generator", /^The generator was the limit/],
    [{ usage: usage(1, undefined) }, "unknown", /^The generator may have been the limit/],
    [{ usage: usage(0.2, undefined) }, "unknown", /^The generator was not the limit/],
  ];
  for (const [given, limit, text] of cases) {
    const judgement = judge(evidence(given));
    assert.equal(judgement.limit, limit, JSON.stringify(given));
    assert.match(judgement.remarks.join(" "), text);
    assert.equal(judgement.remarks.length, 1);
  }
});

Deno.test("other programs that take the processors are the limit", () => {
  const full = usage(0.3, 0.6, { otherProcessors: 1, processors: 2 });
  const { limit, remarks } = judge(evidence({ usage: full }));
  assert.equal(limit, "machine");
  assert.deepEqual(remarks, [
    "The machine was the limit: of its 2 processors other programs used 1.00 " +
    "(the generator used 0.30 of a processor, the broker 0.60).",
  ]);
  const some = judge(evidence({ usage: usage(0.3, 0.98, { otherProcessors: 0.5 }) }));
  assert.equal(some.limit, "broker");
  assert.match(some.remarks[1] ?? "", /^Other programs used 0\.50 of a processor meanwhile/);
});

Deno.test("what all other programs used together does not make the broker the limit", () => {
  const guess = { broker: brokerUsage(1.5, undefined), brokerUnknown: "it is hidden" };
  const { limit, remarks } = judge(evidence({ usage: usage(0.3, 0, guess) }));
  assert.equal(limit, "unknown");
  assert.match(remarks[0] ?? "", /not the limit.*all other programs, the broker among them, 1\.50/);
  assert.equal(remarks[1], "The broker's own CPU time and memory are not known: it is hidden.");
  const idle = { broker: brokerUsage(0.3, undefined) };
  assert.equal(judge(evidence({ usage: usage(1, 0, idle) })).limit, "generator");
});

Deno.test("a rate that is kept in time is worth no remark", () => {
  const { limit, remarks } = judge(evidence({ rate: 1000, usage: usage(1, 0.99) }));
  assert.deepEqual([limit, remarks], ["rate", []]);
});

Deno.test("a rate that is not kept, or kept late, says whose fault that is", () => {
  const late = { ...FIGURES, latenessUs: { ...QUANTILES, p99: 5000 } };
  const unsent = { ...FIGURES, unsent: 500 };
  const cases: [Partial<Evidence>, Limit, RegExp][] = [
    [{ figures: late }, "rate", /sent late, 1 % of the messages by 5000 us/],
    [{ figures: unsent, usage: usage(0.2, 1) }, "broker", /500 of 1500 messages.*broker was busy/],
    [{ figures: unsent, usage: usage(1, 0.2) }, "generator", /the generator was busy/],
    [{ figures: unsent }, "unknown", /neither broker nor generator/],
  ];
  for (const [given, limit, text] of cases) {
    const judgement = judge(evidence({ rate: 1500, ...given }));
    assert.equal(judgement.limit, limit);
    assert.match(judgement.remarks.join(" "), text);
  }
});

Deno.test("what was lost, refused, doubled, disordered or cut off is said", () => {
  const figures = {
    ...FIGURES,
    lost: 10,
    refused: 1,
    duplicated: 2,
    outOfOrder: 3,
    ended: 1,
    endings: ["p0: gone"],
  };
  assert.deepEqual(judge(evidence({ figures, usage: usage(0.1, 1) })).remarks.slice(1), [
    "10 messages (1.0 %) did not arrive, at QoS 0.",
    "The broker refused 1 message.",
    "2 messages came more than once.",
    "3 messages came out of order.",
    "1 connection ended early (p0: gone).",
  ]);
});
