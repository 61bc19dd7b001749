import assert from "node:assert/strict";
import { type BrokerProcess, UsageWatch } from "../../src/load/usage_watch.ts";

/** The figures of each moment, taken one after the other. */
function watch(
  process: BrokerProcess,
  moments: readonly { readonly s: number; readonly own: number; readonly busy?: number }[],
) {
  let at = 0;
  const usageWatch = new UsageWatch(
    process,
    () => (moments[at]?.s ?? NaN) * 1e6,
    () => {
      const moment = moments[at++];
      return {
        ownSeconds: moment?.own ?? NaN,
        busySeconds: moment?.busy,
        processors: 4,
      };
    },
  );
  usageWatch.allSent();
  return usageWatch.end();
}

Deno.test("shares are of the time while messages were sent, CPU time is of all of it", () => {
  const process = { meter: undefined, unknown: "hidden", isLocal: true };
  assert.deepEqual(
    watch(process, [{ s: 10, own: 1, busy: 100 }, { s: 12, own: 2, busy: 103 }, {
      s: 14,
      own: 2.25,
      busy: 104,
    }]),
    {
      broker: {
        pid: undefined,
        program: undefined,
        cpuSeconds: 2,
        processors: 1,
        rssBytes: undefined,
        peakRssBytes: undefined,
      },
      brokerUnknown: "hidden",
      generatorProcessors: 0.5,
      generatorCpuSeconds: 1.25,
      otherProcessors: undefined,
      processors: 4,
    },
  );
});

Deno.test("of a broker elsewhere, and where nothing can be asked, nothing is said", () => {
  const moments = [{ s: 0, own: 0, busy: 0 }, { s: 1, own: 1, busy: 2 }, { s: 1, own: 1, busy: 2 }];
  const far = { meter: undefined, unknown: "far away", isLocal: false };
  assert.equal(watch(far, moments).broker, undefined);
  const near = { meter: undefined, unknown: "hidden", isLocal: true };
  const silent = moments.map(({ s, own }) => ({ s, own }));
  assert.equal(watch(near, silent).broker, undefined);
});
