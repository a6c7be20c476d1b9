// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Parameter, Value, Values } from "../../scene/act.js";
import type { Client } from "../client.js";
import type { ActInfo } from "../messages.js";

/** An act with a field for each of its values, and the button that does it. */
export function ActControl({ act, client }: { act: ActInfo; client: Client }): JSX.Element {
	const values = useSignal<Values>({});
	const set = (name: string, value: Value): void => {
		values.value = { ...values.value, [name]: value };
	};
	return (
		<form
			class="act-control"
			onSubmit={(event) => {
				event.preventDefault();
				client.act(act.name, values.value);
			}}
		>
			{act.parameters.map((parameter) => (
				<Field
					key={parameter.name}
					id={`${act.name}-${parameter.name}`}
					parameter={parameter}
					value={values.value[parameter.name] ?? parameter.default}
					onValue={(value) => set(parameter.name, value)}
				/>
			))}
			<button type="submit">{act.title}</button>
		</form>
	);
}

interface FieldProps {
	readonly id: string;
	readonly parameter: Parameter;
	readonly value: Value;
	readonly onValue: (value: Value) => void;
}

function Field({ id, onValue, parameter, value }: FieldProps): JSX.Element {
	return (
		<label for={id}>
			<span>
				{parameter.title}
				{"min" in parameter && ` ${value} ${parameter.unit}`}
			</span>
			<Input id={id} parameter={parameter} value={value} onValue={onValue} />
		</label>
	);
}

function Input({ id, onValue, parameter, value }: FieldProps): JSX.Element {
	if ("choices" in parameter)
		return (
			<select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
				{parameter.choices.map((choice, i) => (
					<option key={choice} value={choice}>
						{parameter.words?.[i] ?? choice}
					</option>
				))}
			</select>
		);
	if ("min" in parameter)
		return (
			<input
				id={id}
				type="range"
				min={parameter.min}
				max={parameter.max}
				value={value}
				onInput={({ currentTarget }) => onValue(Number(currentTarget.value))}
			/>
		);
	return (
		<input
			id={id}
			maxLength={parameter.maxLength}
			value={value}
			onInput={({ currentTarget }) => onValue(currentTarget.value)}
		/>
	);
}
