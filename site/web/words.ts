// SPDX-License-Identifier: Apache-2.0

import { computed, signal } from "@preact/signals";

export const LANGUAGES = Object.freeze({ en: "English", de: "Deutsch" });
export type Language = keyof typeof LANGUAGES;

const KEPT = "language";

/** The one that was chosen here, else the first of the browser's that there is. */
function first(): Language {
	const wanted = [localStorage.getItem(KEPT) ?? "", ...navigator.languages];
	return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
}

function isLanguage(tag: string): tag is Language {
	return Object.hasOwn(LANGUAGES, tag);
}

const chosen = signal(first());
export const language = computed(() => chosen.value);
document.documentElement.lang = chosen.value;

export function choose(one: Language): void {
	chosen.value = one;
	localStorage.setItem(KEPT, one);
	document.documentElement.lang = one;
}

/** How the chosen language is written where the browser is at home: "en-GB" writes days before months. */
export const locale = computed(
	() => navigator.languages.find((tag) => tag.slice(0, 2).toLowerCase() === chosen.value) ?? chosen.value,
);

/** A catalogue: what a page says in each language. Called while a page is drawn, it gives that of the language now. */
export function words<W>(all: { readonly en: W; readonly de: NoInfer<W> }): () => W {
	return () => all[chosen.value];
}

/** `n` in words: `#` is its place. Both languages have a form for one and another for all else. */
export function count(n: number, forms: { readonly one: string; readonly other: string }): string {
	const form = new Intl.PluralRules(locale.value).select(n) === "one" ? forms.one : forms.other;
	return form.replace("#", number(n));
}

export function number(n: number): string {
	return new Intl.NumberFormat(locale.value).format(n);
}

/** "Front, Lab and Gym". */
export function listed(names: readonly string[]): string {
	return new Intl.ListFormat(locale.value).format(names);
}
