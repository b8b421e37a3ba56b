/** All numbers of two significant digits from one positive number to another, both among them if they are such: 0.099, 0.1, 0.11, …, 0.99, 1, 1.1. */
export function twoDigitValues(minimum: number, maximum: number): readonly number[] {
  const values: number[] = [];
  for (let exponent = Math.floor(Math.log10(minimum)); exponent <= Math.floor(Math.log10(maximum)); exponent++) {
    // Read from its digits, so that each is the number that people type.
    for (let digits = 10; digits < 100; digits++) values.push(Number(`${digits}e${exponent - 1}`));
  }
  return values.filter((value) => value >= minimum && value <= maximum);
}
