// Draws the contract with Swagger UI, which the server carries.
/* global SwaggerUIBundle */
export function start(element) {
  SwaggerUIBundle({
    url: "/openapi.json",
    domNode: element,
    deepLinking: true,
    tryItOutEnabled: false,
    validatorUrl: null,
    requestInterceptor: (request) => {
      const token = sessionStorage.getItem("pictor-token");
      if (token && !request.headers.Authorization) request.headers.Authorization = `Bearer ${token}`;
      return request;
    },
  });
}
