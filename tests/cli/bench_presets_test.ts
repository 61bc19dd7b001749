import assert from "node:assert/strict";
import { findPreset, PRESETS, SERIES } from "../../src/cli/bench_presets.ts";

Deno.test("every preset is found by its name, and no other name is", () => {
  for (const { load } of PRESETS) assert.equal(findPreset(load.name), load);
  assert.equal(findPreset("one"), undefined);
});

Deno.test("names of presets and of the loads of the series are different", () => {
  for (const names of [PRESETS.map(({ load }) => load.name), SERIES.map(({ name }) => name)]) {
    assert.equal(new Set(names).size, names.length);
  }
});
