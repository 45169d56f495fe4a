const SKIES = ['clear', 'light clouds', 'overcast', 'light rain', 'showers', 'fog'];

/** The weather of a city. It is made up: the same city always has the same. */
export function weatherIn(city: string): { city: string; celsius: number; sky: string } {
  const seed = [...city.toLowerCase()].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  return { city, celsius: 4 + (seed % 23), sky: SKIES[seed % SKIES.length] ?? 'clear' };
}
