/** `host.ts` on XS: the runner's map puts this file in its place. */
declare const host: {
	argument(index: number): string | undefined;
	readText(path: string): string | undefined;
};

export const engine: "node" | "xs" = "xs";

/** The checkout's root: the runner's second argument. */
export const root = host.argument(1)!;

export function vectors<T>(name: string): T | undefined {
	const text = host.readText(`${host.argument(2)}/${name}`);
	return text === undefined ? undefined : (JSON.parse(text) as T);
}
