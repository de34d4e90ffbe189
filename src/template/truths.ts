import { evaluate, evaluateText, functionError, type Scope } from './evaluate.ts';
import { checkCall, truthCallOf } from './functions.ts';
import { isSame } from './sameness.ts';
import { isValueList, isValueMap, memberOf, TemplateError, textOf, type Value } from './value.ts';

/** Whether a condition's expression holds. The conditions that it names must be decided in the scope. */
export function holds(scope: Scope, value: Value, place: 'condition' | 'rule' = 'condition'): boolean {
  const call = truthCallOf(value);
  if (call === undefined) {
    const literal = textOf(value)?.toLowerCase();
    if (literal === 'true' || literal === 'false') return literal === 'true';
    throw functionError(`a ${place} must come to true or false, and ${JSON.stringify(value)} does not`);
  }
  checkCall(call, place);
  const members = isValueList(call.argument) ? call.argument : [call.argument];
  const [first = null, second = null, third = null] = members;
  switch (call.name) {
    case 'Condition':
      return scope.conditions.get(String(first)) === true;
    case 'Fn::And':
      return members.every((member) => holds(scope, member, place));
    case 'Fn::Or':
      return members.some((member) => holds(scope, member, place));
    case 'Fn::Not':
      return !holds(scope, first, place);
    case 'Fn::Equals':
      return isSame(evaluate(scope, first), evaluate(scope, second));
    case 'Fn::If':
      return holds(scope, scope.conditions.get(String(first)) === true ? second : third, place);
    case 'Fn::Contains':
      return textsOf(scope, first).includes(evaluateText(scope, second, 'Fn::Contains requires a string'));
    case 'Fn::EachMemberEquals': {
      const wanted = evaluateText(scope, second, 'Fn::EachMemberEquals requires a string');
      return textsOf(scope, first).every((member) => member === wanted);
    }
    case 'Fn::EachMemberIn': {
      const wanted = new Set(textsOf(scope, second));
      return textsOf(scope, first).every((member) => wanted.has(member));
    }
    default:
      return holdsAsText(evaluateText(scope, value, `a ${place} must come to true or false`), place);
  }
}

function holdsAsText(text: string, place: string): boolean {
  const literal = text.toLowerCase();
  if (literal === 'true' || literal === 'false') return literal === 'true';
  throw functionError(`a ${place} must come to true or false, and ${text} does not`);
}

/** The members of a list of texts; a text is a list of one. */
function textsOf(scope: Scope, value: Value): string[] {
  const call = truthCallOf(value);
  if (call !== undefined && ['Fn::RefAll', 'Fn::ValueOf', 'Fn::ValueOfAll'].includes(call.name)) {
    throw functionError(
      `${call.name} asks for what an account holds, which rules here cannot see: compare with a list of values`,
    );
  }
  const result = evaluate(scope, value) ?? [];
  return (isValueList(result) ? result : [result]).map((member) => {
    const text = textOf(member);
    if (text === undefined) throw functionError('rule functions compare strings only');
    return text;
  });
}

/** Throws a TemplateError with the description of the first assertion that does not hold (user guide, "Rules"). */
export function checkRuleAssertions(scope: Scope): void {
  for (const [name, rule] of Object.entries(scope.template.rules)) {
    if (!isValueMap(rule)) continue;
    const condition = memberOf(rule, 'RuleCondition');
    if (condition !== undefined && !holds(scope, condition, 'rule')) continue;
    const assertions = memberOf(rule, 'Assertions');
    if (!isValueList(assertions) || assertions.length === 0) {
      throw new TemplateError(
        `Template format error: [/Rules/${name}] Every Rules object must contain Assertions.`,
      );
    }
    for (const assertion of assertions) checkAssertion(scope, name, assertion);
  }
}

function checkAssertion(scope: Scope, rule: string, assertion: Value): void {
  const assert = isValueMap(assertion) ? memberOf(assertion, 'Assert') : undefined;
  if (!isValueMap(assertion) || assert === undefined) {
    throw new TemplateError(
      `Template format error: [/Rules/${rule}] Every Assertions member must contain an Assert.`,
    );
  }
  if (holds(scope, assert, 'rule')) return;
  const why = textOf(memberOf(assertion, 'AssertDescription'));
  throw functionError(
    why === undefined ? `the assertion of rule ${rule} does not hold` : `Rule ${rule}: ${why}`,
  );
}
