// SPDX-License-Identifier: Apache-2.0

/** What the server refuses (RFC 9457), or that it does not answer (`unreachable`). */
export class Refused extends Error {
	override readonly name = "Refused";
	readonly status: number;
	readonly reason: string;

	constructor(status: number, reason: string, detail: string) {
		super(detail);
		this.status = status;
		this.reason = reason;
	}
}

/** What happens to a request that needs a person who is there. */
export const asked: {
	/** There is no session any more. */
	signIn: () => void;
	/** Whether the person has shown again who they are. */
	confirm: () => Promise<boolean>;
} = { signIn: () => {}, confirm: async () => false };

export const get = <T>(path: string): Promise<T> => ask("GET", path);
export const post = <T>(path: string, body?: unknown): Promise<T> => ask("POST", path, body ?? {});
export const put = <T>(path: string, body: unknown): Promise<T> => ask("PUT", path, body);
export const patch = <T>(path: string, body: unknown): Promise<T> => ask("PATCH", path, body);
export const del = <T>(path: string): Promise<T> => ask("DELETE", path);

/** An address with what is asked for; what is empty is left out. */
export function address(path: string, asks: Readonly<Record<string, string | number | undefined>>): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(asks))
		if (value !== undefined && value !== "") query.set(name, String(value));
	return query.size === 0 ? path : `${path}?${query}`;
}

/** Throws `Refused`. */
async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
	try {
		return await once<T>(method, path, body);
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		if (error.status === 401 && path !== "/api/me") asked.signIn();
		if (error.reason !== "confirm-first" || !(await asked.confirm())) throw error;
		return once<T>(method, path, body);
	}
}

async function once<T>(method: string, path: string, body: unknown): Promise<T> {
	const init: RequestInit = { method, headers: { accept: "application/json" } };
	// The server takes no other type from a browser: a form of another page cannot send it.
	if (method !== "GET") init.headers = { ...init.headers, "content-type": "application/json" };
	if (body !== undefined) init.body = JSON.stringify(body);
	else if (method !== "GET") init.body = "null";
	let response: Response;
	try {
		response = await fetch(path, init);
	} catch {
		throw new Refused(0, "unreachable", "the server does not answer");
	}
	const text = await response.text();
	const value = parsed(text);
	if (response.ok) return value as T;
	const { reason = "refused", detail = response.statusText } = (value ?? {}) as Partial<
		Record<string, string>
	>;
	throw new Refused(response.status, reason, detail);
}

function parsed(text: string): unknown {
	try {
		return text === "" ? undefined : JSON.parse(text);
	} catch {
		return undefined;
	}
}
