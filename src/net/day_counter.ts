/**
 * How much of a count that only grows came today, by the local date.
 *
 * Owns the count at the beginning of the day. What came between two notes counts to the day of the
 * second. The clock is passed in.
 */

export class DayCounter {
  #day = "";
  #atBeginning = 0;
  #last = 0;

  /** `total`: since the start. */
  note(total: number, wallMs: number): void {
    const day = dayOf(wallMs);
    if (day !== this.#day) {
      this.#day = day;
      this.#atBeginning = this.#last;
    }
    this.#last = total;
  }

  today(wallMs: number): number {
    return dayOf(wallMs) === this.#day ? this.#last - this.#atBeginning : 0;
  }
}

function dayOf(wallMs: number): string {
  const date = new Date(wallMs);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}
