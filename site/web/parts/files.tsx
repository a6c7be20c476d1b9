// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { NamedText } from "../keys/root.js";

/** Largest text that is read, bytes: key files with their lists are far below. */
const MAX_SIZE = 20_000_000;

/** Has the browser save a text as a file; nothing of it is sent. */
export function save({ name, text }: NamedText): void {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
	link.download = name;
	link.click();
	URL.revokeObjectURL(link.href);
}

/** A file of this computer, which stays here. */
export function FileField({
	label,
	hint,
	onFile,
}: {
	label: string;
	hint?: string;
	onFile: (file: NamedText | undefined) => void;
}): JSX.Element {
	const id = useId();
	const take = async (file: File | undefined): Promise<void> => {
		onFile(
			file === undefined || file.size > MAX_SIZE ? undefined : { name: file.name, text: await file.text() },
		);
	};
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<input
				id={id}
				type="file"
				accept=".json,application/json"
				required
				aria-describedby={hint === undefined ? undefined : `${id}-hint`}
				onChange={(event) => void take(event.currentTarget.files?.[0])}
			/>
			{hint !== undefined && (
				<p class="hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}
