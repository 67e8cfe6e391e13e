"""Payment providers: Dodo Payments for top-ups, Paddle for subscriptions, each behind the same verbs."""
