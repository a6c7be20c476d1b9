// SPDX-License-Identifier: Apache-2.0

/** Finds a secret in whatever a program has let out: raw, in hexadecimal, in base64 at each of its three alignments. */

/** What `secret` looks like, as Latin-1 text. */
function forms(secret: Uint8Array): string[] {
	const bytes = Buffer.from(secret);
	const hex = bytes.toString("hex");
	const spaced = hex.match(/../g)!;
	const base64 = [0, 1, 2].map((shift) => {
		const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
		// The characters at both ends carry bits of the neighbours too.
		return text.slice(shift === 0 ? 0 : shift + 1).replace(/.?.?=+$/, (end) => (end.length > 0 ? "" : end));
	});
	return [
		bytes.toString("latin1"),
		hex,
		hex.toUpperCase(),
		spaced.join(" "),
		spaced.join(":"),
		// As JSON and debuggers print arrays of bytes.
		[...bytes].join(","),
		[...bytes].join(", "),
		...base64,
		...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
	];
}

/** Names of the `secrets` that are in `text` in any form. */
export function leaks(text: Uint8Array | string, secrets: Readonly<Record<string, Uint8Array>>): string[] {
	const latin1 =
		typeof text === "string" ? Buffer.from(text).toString("latin1") : Buffer.from(text).toString("latin1");
	return Object.entries(secrets)
		.filter(([, secret]) => forms(secret).some((form) => latin1.includes(form)))
		.map(([name]) => name);
}
