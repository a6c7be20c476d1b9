// SPDX-License-Identifier: Apache-2.0

/** What a program says, and waiting for words of it. */
export class Transcript {
	text = "";
	#ended = false;
	readonly #looks = new Set<() => void>();

	add(text: string): void {
		this.text += text;
		for (const look of this.#looks) look();
	}

	/** It says no more. */
	end(): void {
		this.#ended = true;
		for (const look of this.#looks) look();
	}

	/** Resolves when the words stand behind `from`; rejects where the program ends without them. */
	heard(words: string, from = 0): Promise<void> {
		return new Promise((resolve, reject) => {
			const look = (): void => {
				const there = this.text.includes(words, from);
				if (!there && !this.#ended) return;
				this.#looks.delete(look);
				if (there) resolve();
				else reject(new Error(`no "${words}" in:\n${this.text}`));
			};
			this.#looks.add(look);
			look();
		});
	}
}
