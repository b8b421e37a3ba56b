/** Names a step of a drive, and says how long it took. */
export async function step<T>(name: string, act: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    const result = await act();
    console.log(`  ✓ ${name} (${Math.round(performance.now() - start)} ms)`);
    return result;
  } catch (error) {
    console.log(`  ✗ ${name}`);
    throw error;
  }
}
