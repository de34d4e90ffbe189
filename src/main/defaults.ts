/** The region a person is in who says nothing else. */
export const DEFAULT_REGION = 'ap-northeast-2';
