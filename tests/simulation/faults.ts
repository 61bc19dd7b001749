/**
 * How a simulated disk behaves, chosen at random: it works with an accident now and then, takes
 * nothing for a while, or stalls. Owns this mood.
 */

import type { Fault } from "../support/simulated_disk.ts";
import type { Random } from "./random.ts";

type Mood = "sound" | "failing" | "stalled";

const ACCIDENTS = [
  "full",
  "error",
  "gone",
  "gone",
  "damaged",
  "lostPower",
  "torn",
  "lostPowerAfter",
] as const;

export class Faults {
  readonly #random: Random;
  #mood: Mood = "sound";
  #isGone = false;

  constructor(random: Random) {
    this.#random = random;
  }

  get mood(): Mood {
    return this.#mood;
  }

  change(): void {
    this.#mood = this.#random.pick(["sound", "sound", "failing", "stalled"]);
  }

  repair(): void {
    this.#mood = "sound";
  }

  /** What becomes of the next attempt to write. */
  next(): Fault {
    const fault = this.#choose();
    this.#isGone = fault === "gone";
    return fault;
  }

  #choose(): Fault {
    const random = this.#random;
    // The file was deleted, and the power fails before there is another: all is lost.
    if (this.#isGone && random.chance(0.2)) return "lostPower";
    if (this.#mood === "failing" && random.chance(0.97)) return random.pick(["full", "error"]);
    return random.chance(0.05) ? random.pick(ACCIDENTS) : "none";
  }
}
